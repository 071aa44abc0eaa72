/**
 * Differential fuzzing: mutants of the conformance cases are put to our frontend and to BuildKit's, whose answers must be
 * equal: verdict, digests, image configs, error text and places, warnings.
 * `test/integration/dockerfile-fuzz.test.ts` runs it, with as many mutants as MZBUILD_FUZZ_MUTANTS says.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type CaseAnswer, dumpCase } from "../../cli/llb-dump/dump-case.ts";
import { type FuzzCase, type FuzzRequest, makePool, mutate } from "./mutate.ts";
import { type Oracle, startOracle } from "./oracle-process.ts";
import { seededRandom } from "./random.ts";

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  readonly oracle: string;
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

const cases = join(import.meta.dirname, "../testdata/conformance/cases");
const atOnce = 250;
/** Go's maps and goroutines have no order: where the original's answer is one of several, ours has to be one of them. */
const tries = 60;

export async function fuzzDockerfiles(options: FuzzOptions): Promise<FuzzReport> {
  const originals = loadCases();
  const pool = makePool(originals);
  const random = seededRandom(options.seed);
  const oracle = startOracle(options.oracle);
  const root = mkdtempSync(join(tmpdir(), "dockerfile-fuzz-"));
  const differences: Difference[] = [];
  let builds = 0;
  try {
    prepareFolders(root, originals);
    for (let done = 0; done < options.count; done += atOnce) {
      const mutants = Array.from({ length: Math.min(atOnce, options.count - done) }, () => {
        const original = random.pick(originals);
        return mutate(original, pool, random);
      }).filter(isAnswerable);
      const round = await compareAll(root, mutants, oracle);
      builds += round.builds;
      for (const difference of round.differences) {
        differences.push(difference);
        if (options.keep !== undefined) keepDifference(options.keep, differences.length, difference);
      }
      options.progress?.(done + mutants.length, differences.length);
    }
  } finally {
    oracle.close();
    rmSync(root, { recursive: true });
  }
  return { mutants: options.count, builds, differences };
}

function loadCases(): FuzzCase[] {
  return readdirSync(cases).flatMap((name) => {
    const request = readJson(join(cases, name, "request.json"));
    try {
      const dockerfile = readFileSync(join(cases, name, request.opts?.["filename"] ?? "Dockerfile"), "latin1");
      return [{ name, dockerfile, request }];
    } catch {
      // A case about a file that isn't there.
      return [];
    }
  });
}

function readJson(path: string): FuzzRequest {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as FuzzRequest;
  } catch {
    return {};
  }
}

/** Host keys of ssh are looked up over the network by the original, and by us not at all. */
function isAnswerable({ dockerfile, request }: FuzzCase): boolean {
  return !/ssh:|[\w-]+@[\w.-]+:/.test(`${dockerfile}${JSON.stringify(request.opts ?? {})}`);
}

/** A folder for each original, with all of its files, in which mutants take turns; and several of each. */
function prepareFolders(root: string, originals: readonly FuzzCase[]): void {
  for (const { name } of originals) cpSync(join(cases, name), join(root, name), { recursive: true });
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
    if (ours === comparable(theirs) || areBothBaseErrors(ours, theirs)) continue;
    if (await isOneOfTheirs(ours, folder, oracle)) continue;
    differences.push({ name: `${mutant.name}`, mutant, ours, theirs: comparable(theirs) });
  }
  for (const folder of folders) rmSync(folder, { recursive: true });
  return { builds, differences };
}

/** With several impossible bases the original reports any of them, as its scheduler will have it. */
function areBothBaseErrors(...answers: readonly string[]): boolean {
  return answers.every((answer) =>
    (JSON.parse(answer) as CaseAnswer).error?.message.startsWith("failed to parse stage name"),
  );
}

async function isOneOfTheirs(ours: string, folder: string, oracle: Oracle): Promise<boolean> {
  const answers = await oracle.ask(Array.from({ length: tries }, () => folder));
  return answers.some((answer) => answer === undefined || comparable(answer) === ours);
}

function writeMutant(root: string, { name, dockerfile, request }: FuzzCase, index: number): string {
  const folder = join(root, `mutant-${index}`);
  cpSync(join(root, name), folder, { recursive: true });
  const file = join(folder, request.opts?.["filename"] ?? "Dockerfile");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, dockerfile, "latin1");
  writeFileSync(join(folder, "request.json"), JSON.stringify(request));
  return folder;
}

async function ourAnswer(folder: string): Promise<string> {
  try {
    return comparable(JSON.stringify(await dumpCase(folder)));
  } catch (error) {
    return error instanceof Error ? `thrown: ${error.stack}` : String(error);
  }
}

/** What has to be equal, in one order. */
function comparable(answer: string): string {
  const { digests, builds, error, result, warnings } = JSON.parse(answer) as CaseAnswer;
  if (error !== undefined) return JSON.stringify({ error });
  return JSON.stringify({
    digests,
    builds: builds?.map((build) => [build.platform, build.digests]),
    result: Object.entries(result ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, text]) => [key, key === "result.json" ? JSON.parse(text) : text]),
    warnings: warnings ?? [],
  });
}

function keepDifference(folder: string, number: number, { mutant, ours, theirs, name }: Difference): void {
  const kept = join(folder, `${number}-${name}`);
  cpSync(join(cases, name), kept, { recursive: true });
  const file = join(kept, mutant.request.opts?.["filename"] ?? "Dockerfile");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, mutant.dockerfile, "latin1");
  writeFileSync(join(kept, "request.json"), JSON.stringify(mutant.request, null, 1));
  writeFileSync(join(kept, "ours.json"), ours);
  writeFileSync(join(kept, "theirs.json"), theirs);
}
