/** Runs git and collects what it says. */
import { spawn } from "node:child_process";
import { BuildError } from "../../llb/index.ts";
import { gitEnvironment } from "./git-environment.ts";

export interface GitOptions {
  /** An absolute directory. */
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  /** Stops git; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Standard output of `git ARGS`; nothing where `take` is there, which then gets it as it comes. Throws `BuildError` "git-missing" without git, "not-a-work-tree" outside of one,
 * "git-failed" for every other failure, with git's own words.
 */
export async function runGit(
  args: readonly string[],
  options: GitOptions,
  take?: (output: Buffer) => void,
): Promise<Uint8Array> {
  const output: Buffer[] = [];
  const { code, stderr } = await run(args, options, take ?? ((chunk) => output.push(chunk)));
  // Ctrl-C reaches git as well, which then fails by itself.
  options.signal?.throwIfAborted();
  if (code === 0) return Buffer.concat(output);
  const said = stderr.trim();
  if (/not a git repository|must be run in a work tree/.test(said)) {
    throw new BuildError("not-a-work-tree", `${options.cwd} is not inside a git work tree`, {
      hint: "the files of images are found through git: run `git init` there, or name the repository with --root",
    });
  }
  const hint = /dubious ownership/.test(said)
    ? `if you trust it: git config --global --add safe.directory ${options.cwd}`
    : undefined;
  throw new BuildError("git-failed", `git ${args[0]} failed in ${options.cwd}: ${said || `exit status ${code}`}`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Finished {
  readonly code: number | undefined;
  readonly stderr: string;
}

function run(
  args: readonly string[],
  { cwd, env, stdin, signal }: GitOptions,
  take: (output: Buffer) => void,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const environment = { ...gitEnvironment(env, cwd), LC_ALL: "C" };
    const child = spawn("git", args, { cwd, env: environment, stdio: ["pipe", "pipe", "pipe"], signal });
    const stderr: Buffer[] = [];
    child.stdout.on("data", take);
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (cause: NodeJS.ErrnoException) =>
      reject(signal?.aborted ? signal.reason : startError(cause, cwd)),
    );
    child.on("close", (code) => {
      resolve({ code: code ?? undefined, stderr: Buffer.concat(stderr).toString() });
    });
    // A git that ends without reading its input is judged by its exit status.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
  });
}

function startError(cause: NodeJS.ErrnoException, cwd: string): BuildError {
  if (cause.code === "ENOENT") {
    return new BuildError("git-missing", `cannot start git in ${cwd}: no such program or directory`, {
      hint: "install git and make sure that it is on the PATH",
      cause,
    });
  }
  return new BuildError("git-failed", `cannot start git in ${cwd}: ${cause.message}`, { cause });
}
