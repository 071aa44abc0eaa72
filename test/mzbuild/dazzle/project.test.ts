import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { BuildError } from "../../../llb/index.ts";
import {
  chunkNamed,
  diskFiles,
  ignoreList,
  listSources,
  loadProject,
  parseTarget,
  readProjectConfig,
  readTests,
  writeProjectConfig,
} from "../../../mzbuild/index.ts";

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function filesOf(contents: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), "mzbuild-dazzle-"));
  directories.push(root);
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, files: diskFiles(root) };
}

const empty = { "dazzle.yaml": "combiner: {}\n", "base/Dockerfile": "FROM scratch\n", "chunks/readme": "" };

function errorOf(work: () => unknown): BuildError {
  try {
    work();
  } catch (error) {
    if (error instanceof BuildError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("a dazzle project", () => {
  it("says which of its files is missing, as the original does", () => {
    expect(errorOf(() => loadProject(filesOf({}).files)).message).toBe("open dazzle.yaml: no such file or directory");
    const noBase = filesOf({ "dazzle.yaml": "combiner: {}" }).files;
    expect(errorOf(() => loadProject(noBase)).message).toBe("open base/Dockerfile: no such file or directory");
    const noChunks = filesOf({ "dazzle.yaml": "combiner: {}", "base/Dockerfile": "" }).files;
    expect(errorOf(() => loadProject(noChunks)).message).toBe("open chunks: no such file or directory");
    const noDockerfile = filesOf({ ...empty, "chunks/go/x": "" }).files;
    expect(errorOf(() => loadProject(noDockerfile)).message).toBe(
      "open chunks/go/Dockerfile: no such file or directory",
    );
  });

  it("has no directory where a file has to be", () => {
    const { files } = filesOf({ ...empty, "chunks/go/Dockerfile": "", "tests/go.yaml/x": "" });
    expect(errorOf(() => loadProject(files)).message).toBe("read tests/go.yaml: is a directory");
  });

  it("loses what is null in its lists, as the original does", () => {
    const { files } = filesOf({
      ...empty,
      "dazzle.yaml": "combiner: {combinations: [~, {name: all, chunks: [~]}], envvars: [~]}\n",
      "chunks/go/Dockerfile": "",
      "chunks/go/chunk.yaml": "variants:\n- name: a\n-\n",
    });
    const project = loadProject(files);
    expect(project.chunks.map(({ name }) => name)).toEqual(["go:a"]);
    expect(project.combinations.map(({ name, chunks }) => [name, chunks])).toEqual([["all", []]]);
    expect(project.config.envVars).toEqual([]);
  });

  it.each([
    ["3", "!!int `3`"],
    ["1_0.5e3", "!!float `1_0.5e3`"],
    [".inf", "!!float `.inf`"],
    ["true", "!!bool `true`"],
    ["yes", "!!str `yes`"],
    ["'3'", "!!str `3`"],
    ["2001-01-02", "!!timestamp `2001-01-02`"],
  ])("says what %s is where a list is wanted", (written, described) => {
    const wrong = errorOf(() => readProjectConfig(bytes(`combiner: {envvars: ${written}}`)));
    expect(wrong.message).toContain(`line 1: cannot unmarshal ${described} into []dazzle.EnvVarCombination`);
  });

  it.each([
    [[0xe9], "incomplete UTF-8 octet sequence"],
    [[0xe9, 0x0a, 0x0a], "invalid trailing UTF-8 octet"],
    [[0xff], "invalid leading UTF-8 octet"],
    [[0xc0, 0x80], "invalid length of a UTF-8 sequence"],
    [[0xed, 0xa0, 0x80], "invalid Unicode character"],
    [[0x01], "control characters are not allowed"],
  ])("is written in characters, which %j are not", (octets, what) => {
    const wrong = errorOf(() => readProjectConfig(new Uint8Array([...bytes("a: b\nc: ä"), ...octets])));
    expect(wrong.message).toBe(`cannot load config from dazzle.yaml: yaml: ${what}`);
    expect(wrong.at[0]?.start).toEqual({ line: 2, column: 5 });
  });

  it("wants one variant of its base", () => {
    const { files } = filesOf({ ...empty, "base/chunk.yaml": "variants: [{name: a}, {name: b}]" });
    expect(errorOf(() => loadProject(files)).message).toBe("base must have exactly one variant");
  });

  it("proposes the nearest names for a chunk that isn't there, and the variants of one that has some", () => {
    const { files } = filesOf({
      ...empty,
      "chunks/alpha/Dockerfile": "",
      "chunks/lang/Dockerfile": "",
      "chunks/lang/chunk.yaml": "variants: [{name: '2'}, {name: 1.10, args: {A: yes, B: 0x10, C: }}]",
    });
    const project = loadProject(files);
    expect(errorOf(() => chunkNamed(project, "alhpa")).hint).toBe('did you mean "alpha"?');
    expect(errorOf(() => chunkNamed(project, "lang")).hint).toBe("it has variants: lang:2, lang:1.10");
    expect([...chunkNamed(project, "lang:1.10").args]).toEqual([
      ["A", "yes"],
      ["B", "0x10"],
      ["C", ""],
    ]);
  });

  it("refuses a link to nowhere and a circle among its sources", () => {
    const { root, files } = filesOf({ "chunks/a/Dockerfile": "" });
    symlinkSync("nowhere", join(root, "chunks/a/link"));
    expect(errorOf(() => listSources(files, "chunks/a")).message).toContain("stat chunks/a/link: no such file");
    rmSync(join(root, "chunks/a/link"));
    symlinkSync(".", join(root, "chunks/a/circle"));
    expect(errorOf(() => listSources(files, "chunks/a")).message).toContain("chunks/a/circle leads in a circle");
  });

  it("keeps its hashes where its path has characters of a pattern", () => {
    const { root } = filesOf({ "p[1]*/chunks/a/Dockerfile": "x", "p[1]*/chunks/a/b/c": "y" });
    expect(listSources(diskFiles(join(root, "p[1]*")), "chunks/a").length).toBe(3);
  });
});

describe("dazzle.yaml", () => {
  it("names the line of a reference to an unknown combination", () => {
    const { files } = filesOf({
      ...empty,
      "dazzle.yaml": "combiner:\n  combinations:\n    - name: one\n      ref:\n        - to\n    - name: two\n",
    });
    const error = errorOf(() => loadProject(files));
    expect(error.message).toBe('unknown combination "to" referenced in "one"');
    expect(error.at[0]?.start.line).toBe(5);
    expect(error.hint).toBe('did you mean "two"?');
  });

  it.each([
    ["", "cannot load config from dazzle.yaml: EOF"],
    ["# nothing\n", "cannot load config from dazzle.yaml: EOF"],
    ["combiner: [1]", "line 1: cannot unmarshal !!seq into struct"],
    ["ignore: x", "line 1: cannot unmarshal !!str `x` into []string"],
    ["ignore: [[a]]", "line 1: cannot unmarshal !!seq into string"],
    ["combiner: {}\ncombiner: {}", 'line 2: mapping key "combiner" already defined at line 1'],
    ['ignore: ["\\ud83d\\ude00"]', "found invalid Unicode character escape code"],
    ["ignore: [a", "line 1:"],
  ])("is told of with its line: %j", (text, message) => {
    expect(errorOf(() => readProjectConfig(bytes(text))).message).toContain(message);
  });

  it("takes anchors, merges, strings as written, and drops nulls in lists", () => {
    const text =
      "x: &x {name: a, chunks: [1.50, ~, yes]}\ncombiner:\n  combinations:\n    - <<: *x\n      ref: [b]\n    - name: b\n";
    const [first] = readProjectConfig(bytes(text)).combinations;
    expect(first).toMatchObject({ name: "a", chunks: ["1.50", "yes"], ref: ["b"] });
  });

  it("is written as the original writes it", () => {
    const config = readProjectConfig(
      bytes("combiner:\n  combinations: [{name: a, chunks: ['b: c', 'yes']}]\nignore: ['#x']"),
    );
    expect(writeProjectConfig(config)).toBe(
      "combiner:\n    combinations:\n        - name: a\n          ref: []\n          chunks:\n            - 'b: c'\n            - \"yes\"\nignore:\n    - '#x'\n",
    );
  });
});

describe("tests of a chunk", () => {
  it.each([
    ["", "EOF"],
    ["- desc: x\n  comand: [a]", "line 2: field comand not found in type test.Spec"],
    ["- skip: maybe", "line 1: cannot unmarshal !!str `maybe` into bool"],
    ["- ~", "line 1: there is no test in this entry"],
  ])("are refused with their line: %j", (text, message) => {
    expect(errorOf(() => readTests("tests/a.yaml", bytes(text))).message).toContain(message);
  });

  it("may be none, and take YAML 1.1's words where a boolean is wanted", () => {
    expect(readTests("tests/a.yaml", bytes("[]"))).toEqual([]);
    expect(readTests("tests/a.yaml", bytes("- {desc: yes, skip: yes}"))[0]).toMatchObject({ desc: "yes", skip: true });
  });
});

describe("the ignore list", () => {
  it.each([
    [["go"], "go", true],
    [["go"], "gopher", false],
    [["go"], "go:1.0", false],
    [["go:*"], "go:1.0", true],
    [["go*"], "gopher", true],
    [["*", "!go"], "go", false],
    [["*", "!go"], "rust", true],
    [["go/"], "go", false],
    [["l?ng"], "lang", false],
    [["!go"], "go", false],
    [["# go"], "go", false],
    [["/go"], "go", true],
    [["g["], "g[", false],
    [["lang:0.*"], "lang:0x9", false],
    [["l[a-n]ng"], "lang", true],
  ] as const)("%j and %s: %s", (lines, name, ignored) => {
    expect(ignoreList(lines)(name)).toBe(ignored);
  });
});

describe("a target", () => {
  it("is a repository in full; its tag is dropped", () => {
    expect(parseTarget("localhost:5000/a/b").name).toBe("localhost:5000/a/b");
    expect(parseTarget("docker.io/library/x:1").name).toBe("docker.io/library/x");
    expect(errorOf(() => parseTarget("ubuntu")).message).toBe("repository name must be canonical");
    expect(errorOf(() => parseTarget("Localhost/X", "cannot parse target-ref: ")).message).toContain(
      "cannot parse target-ref: invalid reference format",
    );
  });

  it.each([
    ["", "invalid reference format"],
    ["localhost:5000/A", "invalid reference format: repository name must be lowercase"],
    ["Team/images", "invalid reference format: repository name must be lowercase"],
    ["Team", "invalid reference format: repository name must be lowercase"],
  ])("that is none, %j, is refused in the original's words", (text, message) => {
    expect(errorOf(() => parseTarget(text)).message).toBe(message);
  });
});
