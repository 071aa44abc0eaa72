// mzdazzle on a real BuildKit and a real registry, beside the original: the sample project in both states, and interoperability.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DazzleCommands,
  dazzleCommands,
  imageAt,
  type PushedImage,
  pathsOfLayer,
  pushShellImage,
  sampleProject,
  tagsOf,
} from "./dazzle-project.ts";
import { dazzleReference } from "./dazzle-reference.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

interface TestGolden {
  readonly desc: string;
  readonly result: string;
  readonly message?: string;
}

interface Goldens {
  readonly build: {
    readonly order: readonly string[];
    readonly chunks: Readonly<
      Record<
        string,
        {
          readonly layers: readonly (readonly string[])[];
          readonly config: Readonly<Record<string, unknown>>;
          readonly history: readonly Readonly<Record<string, unknown>>[];
          readonly annotations: readonly string[];
        }
      >
    >;
  };
  readonly combinations: Readonly<
    Record<
      string,
      {
        readonly chunks: readonly string[];
        readonly layers: readonly (readonly [string, number])[];
        readonly config: Readonly<Record<string, unknown>>;
        readonly config_keys: readonly string[];
        readonly annotations: readonly string[];
        readonly manifest_keys: readonly string[];
      }
    >
  >;
  readonly broken: { readonly status: number; readonly stdout: string; readonly tests: readonly TestGolden[] };
}

const goldens: Goldens = JSON.parse(readFileSync("test/testdata/dazzle-sample/goldens.json", "utf8"));
// The original builds Dockerfile for a variant that names another one, and so do the goldens.
const AS_ORIGINAL = ["--original-dockerfiles"];

const [noRegistry, reference] = await Promise.all([registryMissing(), dazzleReference()]);

let registry: TestRegistry;
let commands: DazzleCommands;
let shell = "";
let project = "";

beforeAll(async () => {
  if (noRegistry !== undefined) return;
  registry = await startRegistry();
  commands = await dazzleCommands();
  shell = await pushShellImage(commands, registry.host);
  project = sampleProject(commands.home, "sample", shell);
});
afterAll(async () => {
  commands?.[Symbol.dispose]();
  await registry?.close();
});

async function mzdazzle(...args: readonly string[]) {
  const outcome = await commands.run(project, args);
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  return outcome;
}

/** The names that a project's images have in a repository, by chunk. */
async function namesIn(target: string, type = "chunked"): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await mzdazzle("project", "image-name", target, "-t", type);
  const lines = stdout.trimEnd().split("\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
}

async function chunkOf(target: string, chunk: string): Promise<PushedImage> {
  const name = (await namesIn(target)).get(chunk) ?? "";
  return imageAt(target, name.slice(target.length + 1));
}

/** As the goldens have configurations. */
function comparable({ config }: PushedImage["config"]): Readonly<Record<string, unknown>> {
  const { ArgsEscaped: _, Env = [], ...rest } = config;
  return { ...rest, Env: Object.fromEntries(Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2))) };
}

const layersOf = ({ manifest }: PushedImage) => (manifest.layers ?? []).map(({ digest }) => digest);

describe.skipIf(noRegistry !== undefined)("mzdazzle on the sample project", () => {
  it("builds, tests and pushes every chunk, as the goldens have them", async () => {
    const target = `${registry.host}/built`;
    await mzdazzle("build", target, ...AS_ORIGINAL);
    for (const [name, golden] of Object.entries(goldens.build.chunks)) {
      const image = await chunkOf(target, name);
      const paths = await Promise.all(layersOf(image).map((digest) => pathsOfLayer(target, digest)));
      expect(paths, name).toEqual(golden.layers);
      expect(comparable(image.config), name).toEqual(golden.config);
      const history = image.config.history.map(({ created: _created, comment: _comment, ...entry }) => entry);
      expect(history, name).toEqual(golden.history);
      expect(Object.keys(image.manifest.annotations ?? {}), name).toEqual(golden.annotations);
      expect(image.config.rootfs.diff_ids.length, name).toBe(layersOf(image).length);
    }
  });

  it("has nothing to do a second time, and needs no engine for that", async () => {
    const target = `${registry.host}/built`;
    const before = await tagsOf(target);
    const again = await commands.run(project, ["build", target], { env: { BUILDKIT_HOST: "unix:///nowhere.sock" } });
    expect(again.exitCode, again.stderr).toBe(0);
    expect(await tagsOf(target)).toEqual(before);
  });

  it("combines as the goldens have it: layers in order, merged configuration, nothing more", async () => {
    const target = `${registry.host}/built`;
    await mzdazzle("combine", target, "--all");
    const [baseTag = ""] = (await tagsOf(target)).filter((tag) => tag.startsWith("base--"));
    const base = await imageAt(target, baseTag);
    for (const [name, golden] of Object.entries(goldens.combinations)) {
      const image = await imageAt(target, name);
      const chunks = await Promise.all(golden.chunks.map((chunk) => chunkOf(target, chunk)));
      expect(layersOf(image), name).toEqual([...layersOf(base), ...chunks.flatMap(layersOf)]);
      expect(comparable(image.config), name).toEqual(golden.config);
      expect(Object.keys(image.config).sort(), name).toEqual(golden.config_keys);
      expect(Object.keys(image.manifest).sort(), name).toEqual(golden.manifest_keys);
      expect(Object.keys(image.manifest.annotations ?? {}), name).toEqual(golden.annotations);
    }
  });

  it("leaves a combination that is there alone, digest and all", async () => {
    const target = `${registry.host}/built`;
    const before = await imageAt(target, "pair");
    const { stderr } = await mzdazzle("combine", target, "--combination", "pair", "--no-test");
    expect(stderr).toContain("as before");
    expect(await imageAt(target, "pair")).toEqual(before);
  });

  it("combines into another repository, whose layers are linked", async () => {
    const built = `${registry.host}/built`;
    const target = `${registry.host}/elsewhere`;
    await mzdazzle("combine", target, "--build-ref", built, "--chunks", "own=zeta,alpha", "--no-test");
    const image = await imageAt(target, "own");
    const parts = await Promise.all(["zeta", "alpha"].map((chunk) => chunkOf(built, chunk)));
    expect(layersOf(image).slice(-5)).toEqual(parts.flatMap(layersOf));
  });

  it("names chunks without hashes in repositories of their own", async () => {
    const target = `${registry.host}/plain`;
    await mzdazzle("build", target, "--chunked-without-hash", ...AS_ORIGINAL);
    const image = await imageAt(`${target}/lang`, "1.10");
    expect(layersOf(image).length).toBe(1);
    const [baseTag = ""] = (await tagsOf(target)).filter((tag) => tag.startsWith("base--"));
    expect((await imageAt(target, baseTag)).manifest.annotations?.["dazzle.gitpod.io/env-PATH"]).toBe("merge-unique");
  });

  it("tells of the tests that fail in the broken state, as the goldens have them", async () => {
    const broken = sampleProject(commands.home, "broken", shell, { broken: true });
    const target = `${registry.host}/broken`;
    const { exitCode, stdout, stderr } = await commands.run(broken, ["build", target, ...AS_ORIGINAL]);
    expect(exitCode).toBe(goldens.broken.status);
    expect(stdout).toBe(goldens.broken.stdout);
    for (const { desc, result } of goldens.broken.tests) {
      // A name for a user is no failure any more, so the test that wants one fails.
      const ours = desc === "a user that is not a number" ? "failed" : result;
      const lines = stderr.split("\n").filter((line) => line.includes(`broken: ${desc} (`));
      expect(lines.map((line) => line.trim().split(" ")[0])).toEqual(
        ours === "failed" || ours === "error" ? [ours] : [],
      );
    }
    expect(stderr).toContain('stdout is "hello\\n"');
    expect(stderr).toContain("ReferenceError: 'missing' is not defined");
    const tags = await tagsOf(target);
    expect(tags.filter((tag) => tag.startsWith("broken"))).toEqual([]);
    expect(tags.some((tag) => /^zeta--.*--chunked$/.test(tag))).toBe(true);
  });
});

describe.skipIf(noRegistry !== undefined || reference === undefined)("mzdazzle and the original", () => {
  const original = async (...args: readonly string[]) => {
    const outcome = await commands.runOther(reference ?? "", project, ["--addr", commands.engine, ...args]);
    expect(outcome.exitCode, outcome.stdout + outcome.stderr).toBe(0);
    return outcome;
  };

  it("print the same names, hashes and manifests", async () => {
    const target = `${registry.host}/built`;
    for (const question of ["hash", "manifest", "image-name"]) {
      const [ours, theirs] = await Promise.all([
        mzdazzle("project", question, target),
        original("project", question, target),
      ]);
      expect(ours.stdout).toBe(theirs.stdout);
    }
  });

  it("agree that what we built is built: nothing is pushed, and no test runs again", async () => {
    const target = `${registry.host}/built`;
    const before = await tagsOf(target);
    const { stderr } = await original("build", target, "--plain-output");
    expect(stderr).not.toContain("running tests");
    expect(await tagsOf(target)).toEqual(before);
  });

  it("combine our chunks to the same layers, in the same order", async () => {
    const target = `${registry.host}/built`;
    const ours = await imageAt(target, "full");
    await original("combine", target, "--combination", "full", "--no-test");
    const theirs = await imageAt(target, "full");
    expect(layersOf(theirs)).toEqual(layersOf(ours));
    expect(comparable(theirs.config)).toEqual(comparable(ours.config));
    expect(theirs.config.rootfs).toEqual(ours.config.rootfs);
    expect(theirs.config.history).toEqual(ours.config.history);
  });

  it("combine chunks of the original to the same layers, and run their tests", async () => {
    const target = `${registry.host}/theirs`;
    await original("build", target, "--plain-output");
    await original("combine", target, "--all", "--no-test");
    const theirs = await Promise.all(["pair", "full", "bare"].map((name) => imageAt(target, name)));
    const { stderr } = await mzdazzle("combine", target, "--all");
    expect(stderr).toContain("full: 16 tests passed, 1 skipped");
    for (const [index, name] of ["pair", "full", "bare"].entries()) {
      const ours = await imageAt(target, name);
      expect(layersOf(ours)).toEqual(layersOf(theirs[index]!));
      expect(comparable(ours.config)).toEqual(comparable(theirs[index]!.config));
    }
  });

  it("agree that what the original built is built; all tests' results are stored in one run", async () => {
    const target = `${registry.host}/theirs`;
    const before = await tagsOf(target);
    await mzdazzle("build", target, ...AS_ORIGINAL);
    const added = (await tagsOf(target)).filter((tag) => !before.includes(tag));
    expect(added.every((tag) => tag.endsWith("--test-result"))).toBe(true);
    const { stderr } = await original("build", target, "--plain-output");
    expect(stderr).not.toContain("running tests");
  });
});
