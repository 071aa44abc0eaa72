import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  newPatternMatcher,
  type ParentMatches,
  type PatternMatcher,
  readIgnoreFile,
} from "../../frontend/dockerfile/ignore/index.ts";
import { processWord, processWords } from "../../frontend/dockerfile/shell/lex.ts";
import { decodeText } from "../../frontend/dockerfile/text/bytes.ts";
import { BuildError } from "../../llb/index.ts";
import { plain, treeOf } from "../frontend/dockerfile/tree-of.ts";
import {
  dockerfileRequest,
  ignoreFileRequest,
  ignoreRequest,
  type LanguageRequest,
  wordRequest,
} from "../fuzz/language-mutants.ts";
import { type Random, seededRandom } from "../fuzz/random.ts";

const testdata = join(import.meta.dirname, "../testdata");
const go = spawnSync("go", ["version"], { encoding: "utf8" });
const missing = go.status === 0 ? undefined : "there is no Go here";
if (missing !== undefined)
  console.log(`skipped: comparing the Dockerfile language with the original, since ${missing}`);

describe.skipIf(missing !== undefined)("mutants are read as BuildKit's own packages read them", () => {
  const folder = mkdtempSync(join(tmpdir(), "dockerfile-language-"));
  const program = join(folder, "reference");
  const corpus = readdirSync(join(testdata, "dockerfile/trees"))
    .map((name) => join(testdata, "dockerfile/trees", name))
    .concat(readdirSync(join(testdata, "conformance/cases")).map((name) => join(testdata, "conformance/cases", name)))
    .filter((path) => readdirSync(path).includes("Dockerfile"))
    .map((path) => readFileSync(join(path, "Dockerfile")));

  beforeAll(() => {
    const built = spawnSync("go", ["build", "-o", program, "."], {
      cwd: join(testdata, "dockerfile/reference"),
      encoding: "utf8",
    });
    expect(built.stderr + (built.error?.message ?? "")).not.toMatch(/error|cannot/i);
    expect(built.status).toBe(0);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ["Dockerfiles", 4_000, (random: Random) => dockerfileRequest(corpus, random)],
    ["shell words", 8_000, wordRequest],
    ["ignore files", 2_000, ignoreFileRequest],
    ["ignore patterns", 6_000, ignoreRequest],
  ])("%s", async (_, count, make) => {
    const random = seededRandom(7);
    const requests = Array.from({ length: count }, () => make(random));
    const theirs = await ask(program, requests);
    for (const [index, request] of requests.entries()) {
      const theirAnswer = theirs[index]!;
      // The original has a few ways to crash; what we say then is our own business.
      if (theirAnswer.includes('"panic"')) continue;
      expect({ request, answer: comparable(JSON.parse(JSON.stringify(answer(request)))) }).toEqual({
        request,
        answer: comparable(JSON.parse(theirAnswer)),
      });
    }
  });
});

/** The answers of the reference, one line each. */
async function ask(program: string, requests: readonly LanguageRequest[]): Promise<readonly string[]> {
  const child = spawn(program, { stdio: ["pipe", "pipe", "ignore"] });
  const lines: string[] = [];
  child.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  return lines;
}

/** Among suggestions that are equally near, the original takes any. */
function comparable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/ \(did you mean \S+\?\)$/, " (did you mean …?)");
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
}

function answer(request: LanguageRequest): object {
  switch (request.kind) {
    case "dockerfile":
      return treeOf(Buffer.from(request.data, "base64"));
    case "shell":
      return wordAnswer(request);
    case "ignorefile": {
      const text = decodeText(Buffer.from(request.data, "base64"));
      return attempt("error", () => ({ patterns: readIgnoreFile(text).map(plain) }));
    }
    case "ignore":
      return attempt("newError", () => ignoreAnswer(request.patterns, request.path));
  }
}

function wordAnswer(request: LanguageRequest & { readonly kind: "shell" }): object {
  const { kind: _, data, env, ...options } = request;
  const text = decodeText(Buffer.from(data, "base64"));
  const variables = new Map(
    env.map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
  );
  return {
    ...attempt("error", () => {
      const word = processWord(text, variables, options);
      return { text: plain(word.text), matched: [...word.matched].sort(), unmatched: [...word.unmatched].sort() };
    }),
    ...attempt("wordsError", () => ({ words: processWords(text, variables, options).map(plain) })),
  };
}

function ignoreAnswer(patterns: readonly string[], path: string): object {
  const matcher = newPatternMatcher(patterns);
  const match = attempt("error", () => ({ match: matcher.matches(path) }));
  return { exceptions: matcher.hasExceptions, patterns: matcher.patterns, ...match, walk: walk(matcher, path) };
}

/** The answers for the directories down to a path, each made with that of the one before; an error ends them. */
function walk(matcher: PatternMatcher, path: string): readonly unknown[] {
  const answers: unknown[] = [];
  const names = path.split("/");
  let parent: ParentMatches | undefined;
  try {
    for (const index of names.keys()) {
      const step = matcher.matchesIn(names.slice(0, index + 1).join("/"), parent);
      answers.push(step.matched);
      parent = step.matches;
    }
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    answers.push(error.message);
  }
  return answers;
}

function attempt<Answer extends object>(key: string, run: () => Answer): Answer | { readonly [key: string]: unknown } {
  try {
    return run();
  } catch (error) {
    if (error instanceof BuildError) return { [key]: plain(error.message) };
    throw error;
  }
}
