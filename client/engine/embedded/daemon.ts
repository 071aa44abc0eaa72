/**
 * Starts and ends the embedded buildkitd as a process of its own, which outlives us.
 *
 * As root it gets pid and mount namespaces of its own (unshare, util-linux): when it ends in any way, kill -9 included,
 * the kernel ends its containers and drops their mounts with it, so that nothing of a killed engine is left to disturb
 * the next one. As a plain user rootlesskit does the same besides mapping user ids.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { errnoOf } from "../../client-error.ts";
import { EngineError } from "../engine-error.ts";
import type { EngineHost, Setup } from "../host.ts";
import type { ProbeResult } from "../probe.ts";
import { runningPid } from "./daemon-state.ts";
import type { EmbeddedLayout } from "./layout.ts";
import type { Programs } from "./programs.ts";
import { startFailure } from "./start-failure.ts";

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 5_000;
const POLL_MS = 25;
const LOG_LIMIT_BYTES = 5_000_000;

/**
 * Runs inside the new namespaces: says its pid as the outside knows it (/proc is still the outer one), gives itself the
 * /proc that belongs to the pid namespace and a /run/runc that nobody else sees, and becomes buildkitd.
 */
const INSIDE_NAMESPACES = [
  'read -r pid rest </proc/self/stat && echo "$pid" >"$1" && shift',
  "mount -t proc proc /proc",
  "mkdir -p /run/runc && mount -t tmpfs -o mode=0700 tmpfs /run/runc",
  'exec "$@"',
].join(" && ");

export interface StartedDaemon {
  readonly pid: number;
  readonly version: string;
}

/**
 * Resolves when `probe` says that the engine answers. Throws `EngineError` "engine-start-failed" with the end of the log
 * when it ends before or stays silent for a minute (it is ended then).
 */
export async function startDaemon(
  setup: Setup,
  layout: EmbeddedLayout,
  programs: Programs,
  probe: () => Promise<ProbeResult>,
): Promise<StartedDaemon> {
  const { host, signal } = setup;
  const logStart = await rotateLog(layout.logFile);
  for (const stale of [layout.socket, layout.pidFile, join(layout.runtimeDir, "runc"), rootlesskitState(layout)]) {
    await rm(stale, { recursive: true, force: true });
  }
  await sweepTemporaryDir(layout.temporaryDir);
  const log = await open(layout.logFile, "a", 0o600);
  const [program, ...args] = commandLine(host, layout, programs);
  let ended: string | undefined;
  let child: ChildProcess;
  try {
    const env = daemonEnv(host, layout, programs);
    child = spawn(program, args, { detached: true, cwd: "/", env, stdio: ["ignore", log.fd, log.fd] });
    child.once("error", (error) => {
      ended = error.message;
    });
    child.once("exit", (code, killed) => {
      ended = killed === null ? `exit code ${code}` : killed;
    });
    // At once: from here on there is a process to be found, even if we don't live to see it answer.
    if (host.uid !== 0 && child.pid !== undefined) writeFileSync(layout.pidFile, `${child.pid}\n`);
  } finally {
    await log.close();
  }
  const deadline = Date.now() + READY_DEADLINE_MS;
  while (ended === undefined && Date.now() < deadline && !signal?.aborted) {
    const answer = await probe();
    const pid = answer.kind === "answers" ? await runningPid(layout) : undefined;
    if (answer.kind === "answers" && pid !== undefined) {
      child.unref();
      return { pid, version: answer.version };
    }
    await delay(POLL_MS);
  }
  child.kill("SIGKILL");
  signal?.throwIfAborted();
  const how = ended === undefined ? `did not answer within ${READY_DEADLINE_MS / 1000} s` : `ended (${ended})`;
  throw await startFailure(how, layout.logFile, logStart);
}

/** SIGTERM, which lets running builds fail in an orderly way, then SIGKILL. Resolves when the process is gone. */
export async function stopDaemon(layout: EmbeddedLayout, pid: number): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!send(pid, signal)) return;
    const deadline = Date.now() + STOP_DEADLINE_MS;
    while (Date.now() < deadline) {
      if ((await runningPid(layout)) !== pid) return;
      await delay(POLL_MS);
    }
  }
  throw new EngineError("engine-start-failed", `the engine's process ${pid} can't be ended`);
}

/** false: it has just ended by itself. */
function send(pid: number, signal: "SIGTERM" | "SIGKILL"): boolean {
  try {
    return kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) === "ESRCH") return false;
    throw error;
  }
}

function commandLine(host: EngineHost, layout: EmbeddedLayout, programs: Programs): [string, ...string[]] {
  const buildkitd = [programs.buildkitd, "--config", layout.configFile];
  if (programs.rootlesskit === undefined || host.uid === 0) {
    const unshare = ["--mount", "--pid", "--fork", "--kill-child=KILL"];
    return ["unshare", ...unshare, "sh", "-c", INSIDE_NAMESPACES, "sh", layout.pidFile, ...buildkitd];
  }
  const flags = ["--net=host", "--pidns", "--copy-up=/etc", "--copy-up=/run"];
  return [programs.rootlesskit, ...flags, `--state-dir=${rootlesskitState(layout)}`, ...buildkitd];
}

function rootlesskitState(layout: EmbeddedLayout): string {
  return join(layout.runtimeDir, "rootlesskit");
}

/** Not the whole environment: the daemon outlives the shell that started it, whose secrets are none of its business. */
function daemonEnv(host: EngineHost, layout: EmbeddedLayout, programs: Programs): Record<string, string> {
  const env: Record<string, string> = { PATH: programs.path, TMPDIR: layout.temporaryDir };
  const passed = /^(HOME|USER|LOGNAME|XDG_\w+|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy|OTEL_\w+|BUILDKIT_\w+)$/i;
  for (const [name, value] of Object.entries(host.env)) {
    if (value !== undefined && passed.test(name) && name !== "BUILDKIT_HOST") env[name] = value;
  }
  // A plain user's runc keeps its state there; without the variable it would try root's /run/runc.
  if (host.uid !== 0) env["XDG_RUNTIME_DIR"] = layout.runtimeDir;
  return env;
}

/** buildkitd leaves an empty directory behind for every file that a step mounts. Nothing else is removed, whatever lies there. */
async function sweepTemporaryDir(directory: string): Promise<void> {
  await Promise.all((await readdir(directory)).map((name) => rmdir(join(directory, name)).catch(() => undefined)));
}

/** Resolves to the size of the log that will be appended to. */
async function rotateLog(file: string): Promise<number> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= LOG_LIMIT_BYTES) return size;
  await rename(file, `${file}.1`);
  return 0;
}
