/**
 * Differential fuzzing: mutants of the conformance cases are put to our frontend and to BuildKit's, whose answers must be
 * equal: verdict, digests, image configs, error text and places, warnings.
 * `test/integration/dockerfile-fuzz.test.ts` runs it, with as many mutants as MZBUILD_FUZZ_MUTANTS says.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CaseAnswer, dumpCase } from "../../cli/llb-dump/dump-case.ts";
import { conformanceCases, corpusCases, type FuzzCase } from "./fuzz-case.ts";
import { makePool, mutate } from "./mutate.ts";
import { type Oracle, startOracle } from "./oracle-process.ts";
import { seededRandom } from "./random.ts";
import { varyRequest } from "./vary-request.ts";

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  readonly oracle: string;
  /** A folder of Dockerfiles to mutate besides the conformance cases. */
  readonly corpus?: string;
  /** Puts each Dockerfile of the corpus to both as it stands, this often, each time with another request; no mutants. */
  readonly variations?: number;
  /** Where mutants with a difference are kept; nowhere when left out. */
  readonly keep?: string;
  readonly progress?: (done: number, differences: number) => void;
}

export interface FuzzReport {
  readonly mutants: number;
  /** How many were valid Dockerfiles. */
  readonly builds: number;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly name: string;
  readonly mutant: FuzzCase;
  readonly ours: string;
  readonly theirs: string;
}

const atOnce = 250;
/** Go's maps and goroutines have no order: where the original's answer is one of several, ours has to be one of them. */
const tries = 60;

export async function fuzzDockerfiles(options: FuzzOptions): Promise<FuzzReport> {
  const oracle = startOracle(options.oracle);
  const root = mkdtempSync(join(tmpdir(), "dockerfile-fuzz-"));
  const differences: Difference[] = [];
  let mutants = 0;
  let builds = 0;
  try {
    for (const round of rounds(options)) {
      const compared = await compareAll(root, round.filter(isAnswerable), oracle);
      mutants += round.length;
      builds += compared.builds;
      for (const difference of compared.differences) {
        differences.push(difference);
        if (options.keep !== undefined) keepDifference(options.keep, differences.length, difference);
      }
      options.progress?.(mutants, differences.length);
    }
  } finally {
    oracle.close();
    rmSync(root, { recursive: true });
  }
  return { mutants, builds, differences };
}

/** What is compared, some hundred at a time. */
function* rounds({ seed, count, corpus, variations }: FuzzOptions): Generator<FuzzCase[]> {
  const random = seededRandom(seed);
  const others = corpus === undefined ? [] : corpusCases(corpus);
  const originals = [...conformanceCases(), ...others];
  const pool = makePool(originals);
  const total = variations === undefined ? count : others.length * variations;
  for (let done = 0; done < total; done += atOnce) {
    yield Array.from({ length: Math.min(atOnce, total - done) }, (_, index) => {
      if (variations === undefined) return mutate(random.pick(originals), pool, random);
      return varyRequest(others[(done + index) % others.length]!, random);
    });
  }
}

/** Host keys of ssh are looked up over the network by the original, and by us not at all. */
function isAnswerable({ dockerfile, request }: FuzzCase): boolean {
  return !/ssh:|[\w-]+@[\w.-]+:/.test(`${dockerfile}${JSON.stringify(request.opts ?? {})}`);
}

async function compareAll(
  root: string,
  mutants: readonly FuzzCase[],
  oracle: Oracle,
): Promise<{ readonly builds: number; readonly differences: Difference[] }> {
  const folders = mutants.map((mutant, index) => writeMutant(root, mutant, index));
  const answers = await oracle.ask(folders);
  const differences: Difference[] = [];
  let builds = 0;
  for (const [index, mutant] of mutants.entries()) {
    const folder = folders[index]!;
    const theirs = answers[index];
    // The original itself breaks down on it.
    if (theirs === undefined) continue;
    const ours = await ourAnswer(folder);
    if (!theirs.includes('"error":')) builds++;
    if (ours === comparable(theirs) || isAllowed(ours, comparable(theirs))) continue;
    if (await isOneOfTheirs(ours, folder, oracle)) continue;
    differences.push({ name: `${mutant.name}`, mutant, ours, theirs: comparable(theirs) });
  }
  for (const folder of folders) rmSync(folder, { recursive: true });
  return { builds, differences };
}

/** What is meant to differ, or can't be compared. */
function isAllowed(ours: string, theirs: string): boolean {
  const [our, their] = [ours, theirs].map((answer) => (JSON.parse(answer) as CaseAnswer).error?.message ?? "");
  const suggestion = " (did you mean MZFROM?)";
  // With several impossible bases the original reports any of them, as its scheduler will have it.
  if ([our, their].every((message) => message?.startsWith("failed to parse stage name"))) return true;
  // The original knows no such instruction, and then suggests nothing.
  return our?.endsWith(suggestion) === true && our.slice(0, -suggestion.length) === their;
}

async function isOneOfTheirs(ours: string, folder: string, oracle: Oracle): Promise<boolean> {
  const answers = await oracle.ask(Array.from({ length: tries }, () => folder));
  return answers.some((answer) => answer === undefined || comparable(answer) === ours);
}

function writeMutant(root: string, mutant: FuzzCase, index: number): string {
  const folder = join(root, `mutant-${index}`);
  writeCase(folder, mutant);
  return folder;
}

function writeCase(folder: string, { folder: original, dockerfile, request, ignoreFile }: FuzzCase): void {
  mkdirSync(folder, { recursive: true });
  const filter = (path: string) => !path.endsWith("golden.json");
  if (original !== undefined) cpSync(original, folder, { recursive: true, filter });
  const file = join(folder, request.opts?.["filename"] ?? "Dockerfile");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, dockerfile, "latin1");
  writeFileSync(join(folder, "request.json"), JSON.stringify(request, null, 1));
  if (ignoreFile !== undefined) writeFileSync(join(folder, ".dockerignore"), ignoreFile);
}

async function ourAnswer(folder: string): Promise<string> {
  try {
    return comparable(JSON.stringify(await dumpCase(folder)));
  } catch (error) {
    return JSON.stringify({ thrown: error instanceof Error ? error.stack : String(error) });
  }
}

/** What has to be equal, in one order. */
function comparable(answer: string): string {
  const parsed = JSON.parse(answer) as CaseAnswer;
  const { digests, builds, error, result, warnings } = parsed;
  if (error !== undefined) return JSON.stringify({ error });
  return JSON.stringify({
    digests,
    builds: builds?.map((build) => [build.platform, build.digests]),
    result: sorted(Object.entries(result ?? {})).map(([key, text]) => [
      key,
      key === "result.json" ? JSON.parse(text) : text,
    ]),
    warnings: warnings ?? [],
    metadata: withSortedKeys(
      sorted(Object.entries(parsed.metadata ?? {})).filter(([, entry]) => Object.keys(entry ?? {}).length > 0),
    ),
    locations: sorted(Object.entries(parsed.locations ?? {})).filter(([, ranges]) => ranges.length > 0),
    sources: withSortedKeys((parsed.sources ?? []).map((infos) => infos ?? [])),
  });
}

function sorted<Value>(entries: readonly (readonly [string, Value])[]): (readonly [string, Value])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== "object" || value === null) return value;
  return sorted(Object.entries(value)).map(([key, inner]) => [key, withSortedKeys(inner)]);
}

function keepDifference(folder: string, number: number, { mutant, ours, theirs, name }: Difference): void {
  const kept = join(folder, `${number}-${name}`);
  writeCase(kept, mutant);
  writeFileSync(join(kept, "ours.json"), ours);
  writeFileSync(join(kept, "theirs.json"), theirs);
}
