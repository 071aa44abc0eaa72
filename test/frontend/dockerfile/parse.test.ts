import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Instruction, type ParseResult, parseDockerfile } from "../../../frontend/dockerfile/index.ts";
import { decodeText, encodeText } from "../../../frontend/dockerfile/text/bytes.ts";
import type { SourceRange } from "../../../llb/index.ts";
import { testdata } from "./reference-table.ts";
import { treeOf } from "./tree-of.ts";

const trees = readdirSync(testdata("dockerfile/trees"));

/** The part of a text that a range covers. */
function cut(text: string, range: SourceRange): string {
  const lines = text.split("\n").slice(range.start.line - 1, range.end.line);
  const last = lines.length - 1;
  return lines
    .map((line, index) =>
      line.slice(index === 0 ? range.start.column - 1 : 0, index === last ? range.end.column - 1 : undefined),
    )
    .join("\n");
}

function messages(parsed: ParseResult): readonly string[] {
  return parsed.errors.map((error) => error.message);
}

function only(text: string): Instruction {
  const { dockerfile, errors } = parseDockerfile(text);
  expect(errors).toEqual([]);
  const instruction = dockerfile.stages[0]!.commands[0] ?? dockerfile.stages[0]!.from;
  return instruction;
}

describe("the language", () => {
  test.each(trees)("%s is read as the reference reads it", (name) => {
    const folder = testdata(`dockerfile/trees/${name}`);
    const expected: unknown = JSON.parse(readFileSync(`${folder}/tree.json`, "utf8"));
    expect(treeOf(readFileSync(`${folder}/Dockerfile`))).toEqual(expected);
  });

  test("a line may be as long as the original's buffer, and no longer", () => {
    const limit = "dockerfile line greater than max allowed size of 65535";
    const of = (length: number, end: string) =>
      messages(parseDockerfile(`FROM a\nRUN ${"x".repeat(length - 4)}${end}`));
    expect(of(65_535, "\n")).toEqual([]);
    expect(of(65_536, "\n")).toEqual([limit]);
    expect(of(65_535, "")).toEqual([]);
    expect(of(65_536, "")).toEqual([limit]);
    expect(parseDockerfile(`FROM a\nRUN ${"x".repeat(70_000)}\n`).error?.lines).toEqual({ first: 1, last: 1 });
  });

  test("a line that is too long within a statement is read as far as the original reads it", () => {
    const long = "x".repeat(70_000);
    const continued = parseDockerfile(`FROM a\nRUN b \\\n${long}\n`);
    expect(continued.error?.lines).toEqual({ first: 3, last: 3 });
    expect(messages(continued)).toEqual(["dockerfile line greater than max allowed size of 65535"]);
    expect(messages(parseDockerfile(`FROM a\nRUN b \\\n--- ${long}`))[0]).toMatch(/^dockerfile line greater/);
    expect(messages(parseDockerfile(`FROM a\nRUN b <<E \\\n${long}\nE\n`))[0]).toBe("unterminated heredoc");
  });
});

describe("all errors of a file", () => {
  const text = [
    "FROM a AS 1x",
    "FROM b",
    "COPY --chonw=x a b",
    "BOGUS",
    "RUN ok",
    "ENV x",
    "HEALTHCHECK --interval=1q CMD y",
    "RUN <<E",
    "never ends",
  ].join("\n");
  const parsed = parseDockerfile(text);

  test("are there in the order of the file", () => {
    expect(messages(parsed)).toEqual([
      'dockerfile parse error on line 1: invalid name for build stage: "1x", name can\'t start with a number or contain symbols',
      "dockerfile parse error on line 3: unknown flag: --chonw (did you mean chown?)",
      "dockerfile parse error on line 4: unknown instruction: BOGUS",
      "ENV must have two arguments",
      'dockerfile parse error on line 7: time: unknown unit "q" in duration "1q"',
      "unterminated heredoc",
    ]);
  });

  test("and a build fails with the first that the original's line parser meets", () => {
    expect(parsed.error?.message).toBe("ENV must have two arguments");
    expect(parsed.error?.lines).toEqual({ first: 6, last: 6 });
  });

  test("mark the text that is wrong", () => {
    expect(parsed.errors.map((error) => cut(text, error.range))).toEqual([
      "1x",
      "--chonw=x",
      "BOGUS",
      "x",
      "--interval=1q",
      "RUN <<E",
    ]);
  });

  test("what is right is in the tree all the same", () => {
    expect(parsed.dockerfile.stages.map((stage) => stage.commands.map((command) => command.kind))).toEqual([["run"]]);
  });
});

describe("ranges", () => {
  test("words are found behind continuations, comments, and flags", () => {
    const text = "FROM base AS b\n  COPY --from=b \\\n# comment\n  one\\\n/two \\\n\n dst\n";
    const { dockerfile } = parseDockerfile(text);
    const [stage] = dockerfile.stages;
    const copy = stage!.commands[0]!;
    expect(copy.kind === "copy" && copy.sources.map((source) => [source.text, cut(text, source.range)])).toEqual([
      ["one/two", "one\\\n/two"],
    ]);
    expect(copy.kind === "copy" && copy.dest.range).toEqual({
      file: "Dockerfile",
      start: { line: 7, column: 2 },
      end: { line: 7, column: 5 },
    });
    expect(copy.flags.map((flag) => cut(text, flag.range))).toEqual(["--from=b"]);
    expect(cut(text, copy.keyword.range)).toBe("COPY");
    expect(copy.lines).toEqual({ first: 2, last: 7 });
    expect([stage!.from.base, stage!.from.as!, stage!.from.name!].map((word) => cut(text, word.range))).toEqual([
      "base",
      "AS",
      "b",
    ]);
  });

  test("an instruction's own ends behind its here-documents", () => {
    const text = "FROM a\nRUN <<A <<B\nx\nA\ny\nB\nUSER u\n";
    const run = only(text);
    expect(cut(text, run.range)).toBe("RUN <<A <<B\nx\nA\ny\nB");
    expect(run.lines).toEqual({ first: 2, last: 6 });
    expect(run.kind === "run" && run.heredocs.map((heredoc) => cut(text, heredoc.range))).toEqual(["x\nA", "y\nB"]);
  });

  test("columns count from 1 in UTF-16 units, behind a byte order mark too", () => {
    const { dockerfile } = parseDockerfile("\uFEFFFROM 😀 AS x\n", "sub/Dockerfile");
    expect(dockerfile.stages[0]!.from.as!.range).toEqual({
      file: "sub/Dockerfile",
      start: { line: 1, column: 10 },
      end: { line: 1, column: 12 },
    });
  });

  test("the strings of the JSON form and assignments have their own", () => {
    const text = 'FROM a\nVOLUME ["x", "y\\"z"]\nENV A=1 B="2 3"\n';
    const { dockerfile } = parseDockerfile(text);
    const [, env] = dockerfile.stages[0]!.commands;
    expect(env?.kind === "env" && env.env.map((pair) => cut(text, pair.range))).toEqual(["A=1", 'B="2 3"']);
  });
});

describe("MZFROM", () => {
  test.each([
    ["MZFROM base", undefined],
    ["MZFROM\t base   AS  Build", "build"],
    ["MZFROMbase as x", "x"],
    ["\\\nMZFROM base", undefined],
  ])("%j starts a stage on an image of the repository", (line, name) => {
    const { dockerfile, errors } = parseDockerfile(`ARG X\n${line}\nRUN y\n`);
    expect(errors).toEqual([]);
    const [stage] = dockerfile.stages;
    expect(stage!.from.baseKind).toBe("mzimage");
    expect(stage!.from.base.text).toBe("base");
    expect(stage!.name).toBe(name);
    expect(stage!.commands).toHaveLength(1);
  });

  test("takes a platform", () => {
    const from = only("MZFROM --platform=linux/arm64 base\n");
    expect(from.kind === "from" && [from.platform, from.base.text]).toEqual(["linux/arm64", "base"]);
  });

  test.each([
    ["mzfrom base", "MZFROM must stand at the start of a line, in upper case"],
    [" MZFROM base", "MZFROM must stand at the start of a line, in upper case"],
    ["\uFEFFMZFROM base", "MZFROM must stand at the start of a line, in upper case"],
    ["MZFROM \\\n base", "MZFROM and the name of its image must stand on one line"],
    ["MZFROM a b", "MZFROM requires either one or three arguments"],
    ["MZFRM base", "unknown instruction: MZFRM (did you mean MZFROM?)"],
    ["CMDFROM base", "unknown instruction: CMDFROM"],
    ["M=FROM base", "unknown instruction: M=FROM (did you mean FROM?)"],
    ["FROM a\nONBUILD MZFROM b", "MZFROM isn't allowed as an ONBUILD trigger"],
  ])("%j is refused, since its dependency would not be seen", (text, message) => {
    const [error] = messages(parseDockerfile(text));
    expect(error?.replace(/^dockerfile parse error on line \d+: /, "")).toBe(message);
  });

  test("is not suggested where the original suggests something", () => {
    expect(messages(parseDockerfile("FROM a\nMFROM b\n"))[0]).toMatch(/did you mean FROM\?/);
  });

  test("a here-document may have a line that begins with it", () => {
    const { dockerfile } = parseDockerfile("FROM a\nRUN <<E\nMZFROM x\nE\n");
    expect(dockerfile.stages).toHaveLength(1);
  });

  test("is known to the lint rules", () => {
    expect(parseDockerfile("# other\nMZFROM base as Big\n").findings.map((finding) => finding.message)).toEqual([
      "Stage name 'Big' should be lowercase",
      "'as' and 'MZFROM' keywords' casing do not match",
      "Comment for MZFROM should follow the format: `# big <description>`",
    ]);
  });
});

describe("any bytes", () => {
  const pieces = fc.constantFrom(
    ...[
      "FROM a",
      "RUN ",
      "COPY ",
      "ENV ",
      "ONBUILD ",
      "MZFROM",
      "<<E",
      "E\n",
      "\n",
      "\\\n",
      '"',
      "'",
      "${",
      "}",
      "--",
      "=",
      "[",
    ],
    ...['["a"]', "# escape=`\n", "#", "`", "\u00a0", "\u0085", "😀", "\r", "\t", "x"],
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(pieces, { maxLength: 40 }).map((parts) => new TextEncoder().encode(parts.join(""))),
    fc
      .tuple(fc.array(pieces, { maxLength: 10 }), fc.uint8Array({ maxLength: 20 }), fc.array(pieces, { maxLength: 10 }))
      .map(([left, middle, right]) => Buffer.concat([Buffer.from(left.join("")), middle, Buffer.from(right.join(""))])),
  );

  test("give a result, with errors that lie within the text", () => {
    const property = fc.property(bytes, (input) => {
      const { error, errors } = parseDockerfile(input);
      const lines = decodeText(input).split("\n").length;
      expect(error === undefined).toBe(errors.length === 0);
      for (const { range } of errors) {
        expect(range.start.line).toBeGreaterThan(0);
        expect(range.end.line).toBeLessThanOrEqual(lines);
      }
    });
    fc.assert(property, { numRuns: 3_000, seed: 1 });
  });

  test("survive being a text", () => {
    const property = fc.property(bytes, (input) => {
      expect(Buffer.from(encodeText(decodeText(input))).equals(Buffer.from(input))).toBe(true);
    });
    fc.assert(property, { numRuns: 2_000, seed: 2 });
  });

  test.each([
    ["a line of a megabyte", `FROM a\nRUN ${"x".repeat(1_000_000)}\n`],
    ["a command over very many lines", `FROM a\nRUN ${"x \\\n".repeat(300_000)}y\n`],
    ["ten thousand stages", "FROM a\nRUN x\n".repeat(10_000)],
    [
      "a chain of ten thousand arguments",
      `ARG A0=1\n${Array.from({ length: 10_000 }, (_, n) => `ARG A${n + 1}=$A${n}\n`).join("")}FROM a\n`,
    ],
    ["triggers in triggers", `FROM a\nONBUILD ${"ONBUILD \\\n".repeat(100_000)}RUN x\n`],
    ["brackets in brackets", `FROM a\nCMD ${"[\\\n".repeat(300_000)}\n`],
    ["a here-document's word with very many blanks", `FROM a\nRUN <<${" \\\n".repeat(300_000)}<x\n`],
  ])("%s takes no more than a moment", (_, text) => {
    expect(parseDockerfile(text).dockerfile.stages.length).toBeGreaterThan(0);
  });
});
