// Starts and ends the embedded buildkitd as a process of its own, which outlives us.
//
// As root it gets pid and mount namespaces of its own (unshare, util-linux): when it ends in any way, kill -9 included,
// the kernel ends its containers and drops their mounts with it, so that nothing of a killed engine is left to disturb
// the next one. As a plain user rootlesskit does the same besides mapping user ids.
import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { EngineError } from "../engine-error.ts";
import type { EngineHost, Setup } from "../host.ts";
import type { ProbeResult } from "../probe.ts";
import { bootId, type DaemonState, isAlive, startTicks } from "./daemon-state.ts";
import type { EmbeddedLayout } from "./layout.ts";
import type { Programs } from "./programs.ts";

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;
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

export type StartedDaemon = Pick<DaemonState, "pid" | "startTicks" | "bootId" | "version">;

/**
 * Resolves when `probe` says that the engine answers. Throws `EngineError` "engine-start-failed" with the end of the log
 * when it ends before or stays silent for a minute (it is ended then).
 */
export async function startDaemon(
  setup: Setup,
  layout: EmbeddedLayout,
  programs: Programs,
  probe: (signal?: AbortSignal) => Promise<ProbeResult>,
): Promise<StartedDaemon> {
  const { host, signal } = setup;
  await rotateLog(layout.logFile);
  await rm(layout.socket, { force: true });
  await rm(layout.pidFile, { force: true });
  const log = await open(layout.logFile, "a", 0o600);
  const [program, ...args] = commandLine(host, layout, programs);
  let ended: string | undefined;
  let child: ChildProcess;
  try {
    const env = daemonEnv(host, programs);
    child = spawn(program, args, { detached: true, cwd: "/", env, stdio: ["ignore", log.fd, log.fd] });
    child.once("error", (error) => {
      ended = error.message;
    });
    child.once("exit", (code, signal) => {
      ended = signal === null ? `exit code ${code}` : signal;
    });
  } finally {
    await log.close();
  }
  const deadline = Date.now() + READY_DEADLINE_MS;
  while (ended === undefined && Date.now() < deadline && !signal?.aborted) {
    const answer = await probe();
    if (answer.kind === "answers") {
      child.unref();
      return { ...(await identify(host, layout, child)), version: answer.version };
    }
    await delay(POLL_MS);
  }
  child.kill("SIGKILL");
  signal?.throwIfAborted();
  const how = ended === undefined ? `did not answer within ${READY_DEADLINE_MS / 1000} s` : `ended (${ended})`;
  const lines = await lastLogLines(layout.logFile);
  throw new EngineError(
    "engine-start-failed",
    [`the engine was started and ${how}; its last words:`, ...lines].join("\n  "),
    {
      hint: `Its log is ${layout.logFile}.`,
    },
  );
}

/** SIGTERM, which lets running builds fail in an orderly way, then SIGKILL. Resolves when the process is gone. */
export async function stopDaemon(state: DaemonState): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const deadline = Date.now() + STOP_DEADLINE_MS;
    if (!(await isAlive(state))) return;
    kill(state.pid, signal);
    while (Date.now() < deadline) {
      if (!(await isAlive(state))) return;
      await delay(POLL_MS);
    }
  }
  throw new EngineError("engine-start-failed", `the engine's process ${state.pid} can't be ended`);
}

function commandLine(host: EngineHost, layout: EmbeddedLayout, programs: Programs): [string, ...string[]] {
  const buildkitd = [programs.buildkitd, "--config", layout.configFile];
  if (programs.rootlesskit === undefined || host.uid === 0) {
    const unshare = ["--mount", "--pid", "--fork", "--kill-child=KILL"];
    return ["unshare", ...unshare, "sh", "-c", INSIDE_NAMESPACES, "sh", layout.pidFile, ...buildkitd];
  }
  const state = join(layout.runtimeDir, "rootlesskit");
  const flags = ["--net=host", "--pidns", "--copy-up=/etc", "--copy-up=/run", `--state-dir=${state}`];
  return [programs.rootlesskit, ...flags, ...buildkitd];
}

/** Not the whole environment: the daemon outlives the shell that started it, whose secrets are none of its business. */
function daemonEnv(host: EngineHost, programs: Programs): Record<string, string> {
  const env: Record<string, string> = { PATH: programs.path };
  const passed =
    /^(HOME|USER|LOGNAME|TMPDIR|XDG_\w+|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy|OTEL_\w+|BUILDKIT_\w+)$/i;
  for (const [name, value] of Object.entries(host.env)) {
    if (value !== undefined && passed.test(name) && name !== "BUILDKIT_HOST") env[name] = value;
  }
  return env;
}

async function identify(host: EngineHost, layout: EmbeddedLayout, child: ChildProcess) {
  const pid = host.uid === 0 ? Number.parseInt(await readFile(layout.pidFile, "utf8"), 10) : child.pid;
  const ticks = pid === undefined ? undefined : await startTicks(pid);
  if (pid !== undefined && ticks !== undefined) return { pid, startTicks: ticks, bootId: await bootId() };
  throw new EngineError("engine-start-failed", "the engine ended right after its start", {
    hint: `Its log is ${layout.logFile}.`,
  });
}

async function rotateLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT_BYTES) await rename(file, `${file}.1`);
}

async function lastLogLines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-8);
}
