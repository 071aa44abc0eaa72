/** Runs docker compose on a composition. docs/format.md, "Calling Compose". */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandOptions, CommandResult } from "../../compose/index.ts";
import { Interrupted, type Terminal } from "../terminal.ts";
import { ComposeError } from "./compose-error.ts";
import type { ComposeProgram } from "./docker-versions.ts";

/** Where Compose gets the composition from, and what it is called. */
export interface ComposeInput {
  /** Texts, each of which Compose gets as a file without a name; or paths of files that it reads itself. */
  readonly files: readonly ({ readonly text: string } | { readonly path: string })[];
  readonly projectDirectory: string;
  /** Undefined to let Compose find it as it does by itself. */
  readonly projectName: string | undefined;
  /** Options of Compose's before its command. */
  readonly composeOptions: readonly string[];
}

export interface ComposeRun extends CommandOptions {
  readonly program: ComposeProgram;
  readonly input: ComposeInput | undefined;
  readonly args: readonly string[];
  /** Whether the command has our standard input. Default: false. */
  readonly interactive?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs it to its end. A failure is a result; throws `ComposeError` "docker-missing" where there is no docker, and the reason of the
 * terminal's signal when that has ended it.
 */
export async function runCompose(terminal: Terminal, run: ComposeRun): Promise<CommandResult> {
  const { program } = run;
  const files = (run.input?.files ?? []).map((file) => ("text" in file ? { fd: anonymousFile(file.text) } : file));
  const fds = files.flatMap((file) => ("fd" in file ? [file.fd] : []));
  let child: ChildProcess;
  try {
    child = spawn(program.file, [...program.args, ...inputArguments(run.input, files), ...run.args], {
      env: { ...terminal.env, ...run.env, ...program.env },
      cwd: terminal.cwd,
      stdio: [
        run.interactive ? "inherit" : run.stdin === undefined ? "ignore" : "pipe",
        run.capture ? "pipe" : "inherit",
        run.captureStderr ? "pipe" : "inherit",
        ...fds,
      ],
    });
  } finally {
    for (const fd of fds) closeSync(fd);
  }
  return finished(terminal, child, run);
}

function inputArguments(
  input: ComposeInput | undefined,
  files: readonly ({ readonly fd: number } | { readonly path: string })[],
): readonly string[] {
  if (input === undefined) return [];
  let next = FIRST_FD;
  return [
    ...files.map((file) => `-f${"fd" in file ? `/dev/fd/${next++}` : file.path}`),
    "--project-directory",
    input.projectDirectory,
    ...(input.projectName === undefined ? [] : ["--project-name", input.projectName]),
    ...input.composeOptions,
  ];
}

/** Behind standard input, output and error. */
const FIRST_FD = 3;

/** A file that is gone when nobody has it open any more. */
function anonymousFile(text: string): number {
  const directory = mkdtempSync(join(tmpdir(), "mzcompose-"));
  const path = join(directory, "compose.yaml");
  try {
    writeFileSync(path, text, { mode: 0o600 });
    return openSync(path, "r");
  } finally {
    // Not rmSync, whose code alone takes longer to load.
    unlinkSync(path);
    rmdirSync(directory);
  }
}

async function finished(terminal: Terminal, child: ChildProcess, run: ComposeRun): Promise<CommandResult> {
  const { signal } = terminal;
  const forward = (): void => {
    const { reason } = signal;
    if (!(reason instanceof Interrupted)) return;
    // A Ctrl-C has reached everything that runs in the terminal already; to Compose a second one means to stop at once.
    if (reason.signalName === "SIGINT" && (terminal.stdin.isTTY || terminal.stderr.isTTY)) return;
    child.kill(reason.signalName === "SIGPIPE" ? "SIGTERM" : reason.signalName);
  };
  if (signal.aborted) forward();
  signal.addEventListener("abort", forward);
  try {
    const output: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
    child.stdout?.on("data", (chunk: Buffer) => output.stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => output.stderr.push(chunk));
    // A command that doesn't read it to its end may have its reasons.
    child.stdin?.on("error", () => {});
    child.stdin?.end(run.stdin);
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) => reject(notStarted(error)));
      child.once("close", (code, signalName) => {
        // The reader of its output, which is ours, has gone: no failure to tell anybody of.
        if (signalName === "SIGPIPE" && !run.capture) reject(new Interrupted("SIGPIPE"));
        else resolve(code ?? 128 + (signalName === null ? 0 : constants.signals[signalName]));
      });
    });
    if (signal.aborted) throw signal.reason;
    const text = (name: "stdout" | "stderr"): string => Buffer.concat(output[name]).toString();
    return { exitCode, stdout: text("stdout"), stderr: text("stderr") };
  } finally {
    signal.removeEventListener("abort", forward);
  }
}

function notStarted(error: NodeJS.ErrnoException): Error {
  if (error.code !== "ENOENT") return error;
  return new ComposeError("docker-missing", "there is no docker command", {
    hint: "install Docker with its Compose plugin (https://docs.docker.com/engine/install), or put it on PATH",
    cause: error,
  });
}
