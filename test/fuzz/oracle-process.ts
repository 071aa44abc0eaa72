/** The oracle of test/oracle as a process that answers one folder at a time, built where Go is. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const sources = join(import.meta.dirname, "../oracle");

/** The path of the program, built if it has to be; undefined where there is no Go. */
export function buildOracle(): string | undefined {
  const hash = createHash("sha256");
  for (const file of ["main.go", "servers.go", "go.mod", "go.sum"]) hash.update(readFileSync(join(sources, file)));
  const program = join(tmpdir(), `mzbuild-oracle-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
  } catch {
    // No Go on this machine.
    return undefined;
  }
  const unfinished = `${program}.${process.pid}`;
  const env = { ...process.env, GOFLAGS: "-mod=mod" };
  execFileSync("go", ["build", "-o", unfinished, "."], { cwd: sources, env, stdio: ["ignore", "inherit", "inherit"] });
  renameSync(unfinished, program);
  return program;
}

export interface Oracle {
  /** Answers in the order of the folders. Undefined for one that makes the oracle itself fail. */
  readonly ask: (folders: readonly string[]) => Promise<readonly (string | undefined)[]>;
  readonly close: () => void;
}

export function startOracle(program: string): Oracle {
  let running = start(program);
  const ask = async (folders: readonly string[]): Promise<(string | undefined)[]> => {
    const answers = await askAll(running, folders);
    if (answers.length === folders.length) return answers;
    // It died on the next one: leave that out, and go on with the others.
    running = start(program);
    const rest = await ask(folders.slice(answers.length + 1));
    return [...answers, undefined, ...rest];
  };
  return { ask, close: () => void running.process.stdin.end() };
}

interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  readonly lines: AsyncIterator<string>;
}

function start(program: string): Running {
  const child = spawn(program, ["--batch"], { stdio: ["pipe", "pipe", "pipe"] });
  child.stderr.resume();
  child.stdin.on("error", () => {});
  return { process: child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function askAll({ process: child, lines }: Running, folders: readonly string[]): Promise<string[]> {
  child.stdin.write(folders.map((folder) => `${folder}\n`).join(""));
  const answers: string[] = [];
  while (answers.length < folders.length) {
    const { value, done } = await lines.next();
    if (done === true) break;
    answers.push(value);
  }
  return answers;
}
