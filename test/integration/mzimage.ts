// The command as a user has it: bin/mzimage in a process of its own, with a home directory of its own. What is expensive
// is shared: the engine of the tests, and the base images in the user's cache.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Options } from "execa";
import { type GitRepository, gitRepository } from "../mzbuild/git-repository.ts";
import { testEngine } from "./engine.ts";
import { environmentIn, type Outcome, outcomeOf, startProgram } from "./own-home.ts";

/** From the project's root, where tests run. */
const LAUNCHER = resolve("bin/mzimage");

/** A copy of the example repository, whole as a clone has it. */
export function tourRepository(): GitRepository {
  const repository = gitRepository();
  cpSync("examples/tour", repository.root, { recursive: true });
  repository.commit();
  return repository;
}

/** Replaces `from` by `to` in a file. Fails where that changes nothing. */
export function edit({ root }: GitRepository, path: string, from: string | RegExp, to: string): void {
  const file = join(root, path);
  const before = readFileSync(file, "utf8");
  const after = before.replace(from, () => to);
  if (after === before) throw new Error(`there is no ${from} in ${path}`);
  writeFileSync(file, after);
}

export interface CommandLine extends Disposable {
  /** A directory for whatever a test writes. */
  readonly home: string;
  /** That of its commands, for others to run in. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs `mzimage ARGS` to its end, in the current directory `cwd`. */
  run(cwd: string, args: readonly string[], options?: Options): Promise<Outcome>;
  /** Starts it. Its input is closed unless `options` says otherwise. */
  start(cwd: string, args: readonly string[], options?: Options): ReturnType<typeof startProgram>;
}

/** `address` is the engine's; by default that which tests share. */
export async function commandLine(address?: string): Promise<CommandLine> {
  const home = mkdtempSync(join(tmpdir(), "mzbuild-home-"));
  const env = environmentIn(home, { BUILDKIT_HOST: address ?? (await testEngine()).address });
  const start: CommandLine["start"] = (cwd, args, options) => startProgram(LAUNCHER, args, { cwd, env }, options);
  return {
    home,
    environment: env,
    start,
    run: (cwd, args, options) => outcomeOf(start(cwd, args, options)),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Settings that let a build do without Docker Hub. */
export const DEBIAN_SETTINGS = `\
bases:
  debian:trixie-slim:
    debootstrap: trixie
    include: [ca-certificates]
`;

/** What a build did, from its `--progress=rawjson`. */
export interface BuildLog {
  /** Names of the steps that ran; what is only looked at or sent is left out. */
  readonly ran: ReadonlySet<string>;
  readonly cached: ReadonlySet<string>;
  /** Output of all steps, without colours. */
  readonly output: string;
}

interface VertexLine {
  readonly digest: string;
  readonly name: string;
  readonly started?: string;
  readonly cached?: boolean;
}

interface RawLine {
  readonly vertexes?: readonly VertexLine[];
  readonly logs?: readonly { readonly data: string }[];
}

/** Steps that look at what there is, in every build: image configs, local files, scripts, base images of this machine. */
const LOOKING = /^\[internal\] |\] load |\] look for |OCI load from client|^\[auth\] /;

export function buildLog(rawJson: string): BuildLog {
  // Every line is an event, until a build that failed is told of.
  const lines = rawJson.split("\n").filter((line) => line.startsWith("{"));
  const events = lines.map((line): RawLine => JSON.parse(line));
  const steps = new Map<string, VertexLine>();
  for (const vertex of events.flatMap(({ vertexes }) => vertexes ?? [])) steps.set(vertex.digest, vertex);
  const known = [...steps.values()].filter(({ name, started }) => started !== undefined && !LOOKING.test(name));
  const logs = events.flatMap(({ logs }) => logs ?? []);
  return {
    ran: new Set(known.filter(({ cached }) => !cached).map(({ name }) => name)),
    cached: new Set(known.filter(({ cached }) => cached).map(({ name }) => name)),
    output: stripVTControlCharacters(logs.map(({ data }) => Buffer.from(data, "base64").toString()).join("")),
  };
}
