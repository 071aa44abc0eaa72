/**
 * What is known of the started engine, in two files beside it. The pid file is written before buildkitd runs, so that it
 * is found whenever whoever started it was killed; the record is written when it has answered for the first time.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { propertyOf } from "../docker-endpoint.ts";
import type { EmbeddedLayout } from "./layout.ts";

export interface DaemonState {
  /** The process to signal: buildkitd itself, or rootlesskit around it, as the host numbers it. */
  readonly pid: number;
  readonly address: string;
  readonly version: string;
  /** buildkitd's version and where it came from, for people. */
  readonly origin: string;
  /** SHA-256 of the configuration it was started with. */
  readonly configHash: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/**
 * The running daemon's pid. Pids are reused, also across reboots: only a process whose command line names our
 * configuration file is ours. Ended processes that nobody has reaped have no command line.
 */
export async function runningPid(layout: EmbeddedLayout): Promise<number | undefined> {
  const text = await readFile(layout.pidFile, "utf8").catch(() => "");
  const pid = Number.parseInt(text, 10);
  if (!(pid > 0)) return undefined;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.split("\0").includes(layout.configFile) ? pid : undefined;
}

/** The record of the process `pid`; undefined where there is none, or none that can be understood. */
export async function readDaemonState(layout: EmbeddedLayout, pid: number): Promise<DaemonState | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(layout.stateFile, "utf8"));
    const text = (name: string): string => {
      const field = propertyOf(value, name);
      if (typeof field !== "string") throw new TypeError(`${name} is no string`);
      return field;
    };
    if (propertyOf(value, "pid") !== pid) return undefined;
    return {
      pid,
      address: text("address"),
      version: text("version"),
      origin: text("origin"),
      configHash: text("configHash"),
      startedAt: text("startedAt"),
    };
  } catch {
    // Missing or damaged: it is written anew once the daemon has answered.
    return undefined;
  }
}

export async function writeDaemonState(layout: EmbeddedLayout, state: DaemonState): Promise<void> {
  await writeFile(`${layout.stateFile}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${layout.stateFile}.new`, layout.stateFile);
}
