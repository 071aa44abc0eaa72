// What is known of a started engine, kept as JSON beside it, and whether that process still lives. A pid alone says
// little (pids are reused, also across reboots): the process's start time and the boot's id make it certain.
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { propertyOf } from "../docker-endpoint.ts";

export interface DaemonState {
  /** The process to signal: buildkitd itself, or rootlesskit around it. As seen from outside its own pid namespace. */
  readonly pid: number;
  /** In clock ticks since boot, field 22 of /proc/PID/stat. */
  readonly startTicks: string;
  readonly bootId: string;
  readonly address: string;
  readonly version: string;
  /** Where buildkitd came from: "found on PATH", "built from the Go module", … */
  readonly origin: string;
  /** SHA-256 of the configuration it was started with. */
  readonly configHash: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** undefined: none was started, or the file is not ours to understand. */
export async function readDaemonState(file: string): Promise<DaemonState | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    const text = (name: string): string => {
      const field = propertyOf(value, name);
      if (typeof field !== "string") throw new TypeError(`${name} is no string`);
      return field;
    };
    const pid = propertyOf(value, "pid");
    if (typeof pid !== "number") return undefined;
    return {
      pid,
      startTicks: text("startTicks"),
      bootId: text("bootId"),
      address: text("address"),
      version: text("version"),
      origin: text("origin"),
      configHash: text("configHash"),
      startedAt: text("startedAt"),
    };
  } catch {
    // Missing or damaged: the same as no engine. A daemon that it named would hold buildkitd's own lock on the root.
    return undefined;
  }
}

export async function writeDaemonState(file: string, state: DaemonState): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

export async function removeDaemonState(file: string): Promise<void> {
  await rm(file, { force: true });
}

export async function isAlive(state: DaemonState): Promise<boolean> {
  if (state.bootId !== (await bootId())) return false;
  return (await startTicks(state.pid)) === state.startTicks;
}

export async function bootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

/** undefined: no such process, or one that has ended and waits to be reaped. */
export async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name in parentheses, may itself contain spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
