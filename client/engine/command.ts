/** Runs a program of the system: its output as lines to a listener, its end as a value. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import type { EngineHost } from "./host.ts";

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Every line of stdout and stderr, in the order of arrival. */
  readonly onLine?: (line: string) => void;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface CommandResult {
  /** undefined: ended by a signal or never started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** The last lines of stderr, for messages; a program that couldn't be started says why here. */
  readonly lastLines: readonly string[];
}

const KEPT_LINES = 20;

/** Never rejects for a failing program; rejects with the signal's reason when aborted. */
export async function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const child = spawn(file, args, {
    env: definedOnly(options.env ?? {}),
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeoutMs,
    signal: options.signal,
  });
  const stdout: string[] = [];
  const lastLines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    stdout.push(line);
    options.onLine?.(line);
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    options.onLine?.(line);
  });
  const exitCode = await new Promise<number | undefined>((resolve) => {
    child.once("error", (error) => {
      lastLines.push(error.message);
      if (child.pid === undefined) resolve(undefined);
    });
    child.once("close", (code) => resolve(code ?? undefined));
  });
  options.signal?.throwIfAborted();
  return { exitCode, stdout: stdout.join("\n"), lastLines };
}

/** Where a root user's programs lie that a plain user's PATH often leaves out. */
const SYSTEM_DIRS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The first executable of that name on the host's PATH or among the system's own directories. */
export function findProgram(host: EngineHost, name: string, extraDirs: readonly string[] = []): string | undefined {
  const onPath = (host.env["PATH"] ?? "").split(delimiter).filter((dir) => dir !== "");
  for (const dir of [...extraDirs, ...onPath, ...SYSTEM_DIRS]) {
    const file = join(dir, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not there, or not ours to run: the next directory may have it.
    }
  }
  return undefined;
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const defined: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) defined[name] = value;
  return defined;
}
