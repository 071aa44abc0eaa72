/** Starts, finds, asks and stops the embedded engine. Concurrent runs agree by a lock: one starts it, the others wait. */
import { createHash } from "node:crypto";
import { access, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import { withFileLock } from "../file-lock.ts";
import { type EngineHost, goArch, type OnSetup, type Setup, setupOf } from "../host.ts";
import { type Probe, type ProbeResult, probe } from "../probe.ts";
import { buildkitdConfig } from "./buildkitd-config.ts";
import { startDaemon, stopDaemon } from "./daemon.ts";
import { type DaemonState, readDaemonState, runningPid, writeDaemonState } from "./daemon-state.ts";
import { type EmbeddedLayout, embeddedLayout } from "./layout.ts";
import { providePrograms } from "./programs.ts";

export interface EmbeddedOptions {
  /** false for `--no-install`: no system packages. */
  readonly install?: boolean | undefined;
  /** Replaces the real probe in tests. */
  readonly probe?: Probe | undefined;
}

export type EmbeddedStatus =
  | {
      readonly kind: "running";
      readonly pid: number;
      /** undefined for a moment, while it starts. */
      readonly state: DaemonState | undefined;
      readonly answers: boolean;
      readonly logFile: string;
    }
  | { readonly kind: "stopped"; readonly logFile: string };

export interface EmbeddedEngine {
  /** Where the daemon writes its log, whether it has run or not. */
  readonly logFile: string;
  readonly address: string;
  status(): Promise<EmbeddedStatus>;
  /** The running one, or a new one that answers. Throws `EngineError`. */
  start(onEvent: OnSetup, signal?: AbortSignal): Promise<Engine>;
  /** Ends it and resolves when it is gone: true if it ran. Its cache is kept. */
  stop(signal?: AbortSignal): Promise<boolean>;
}

const PROBE_MS = 3_000;
/** Before a silent engine is ended: it may be busy with other people's builds on a machine out of breath. */
const PATIENT_PROBE_MS = 10_000;

export function embeddedEngine(host: EngineHost, options: EmbeddedOptions = {}): EmbeddedEngine {
  const layout = embeddedLayout(host);
  const address = `unix://${layout.socket}`;
  const ask: Ask = ({ signal, timeoutMs = PROBE_MS } = {}) =>
    (options.probe ?? probe)(address, { env: host.env, timeoutMs, signal });
  const { logFile } = layout;
  return {
    logFile,
    address,
    async status() {
      const pid = await runningPid(layout);
      if (pid === undefined) return { kind: "stopped", logFile };
      const state = await readDaemonState(layout, pid);
      return { kind: "running", pid, state, answers: (await ask()).kind === "answers", logFile };
    },
    async start(onEvent, signal) {
      checkHost(host);
      const setup = setupOf(host, { install: options.install, signal }, onEvent);
      try {
        return (await running(setup, layout, ask)) ?? (await startNew(setup, layout, ask));
      } catch (error) {
        throw asSetupError(error);
      }
    },
    async stop(signal) {
      checkHost(host);
      if ((await runningPid(layout)) === undefined) return false;
      return locked(
        setupOf(host, { signal }, () => {}),
        layout,
        async () => {
          const pid = await runningPid(layout);
          if (pid !== undefined) await stopDaemon(layout, pid);
          // Without its pid file it counts as stopped, not as ended by something else.
          await rm(layout.pidFile, { force: true });
          return pid !== undefined;
        },
      );
    },
  };
}

/** Where a directory can't be made, or a file be written, the disk's own words say too little. */
function asSetupError(error: unknown): unknown {
  const isDisk = error instanceof Error && "syscall" in error && "path" in error;
  if (!isDisk) return error;
  return new EngineError("engine-start-failed", `the engine can't be set up: ${error.message}`, {
    hint:
      "It is kept in directories of the user's, which XDG_DATA_HOME, XDG_CACHE_HOME and XDG_RUNTIME_DIR (or HOME) name; " +
      "or name another engine with --buildkit or BUILDKIT_HOST.",
    cause: error,
  });
}

type Ask = (options?: {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}) => Promise<ProbeResult>;

/** The way of nearly every run: no lock, no program started. */
async function running(setup: Setup, layout: EmbeddedLayout, ask: Ask): Promise<Engine | undefined> {
  const pid = await runningPid(layout);
  const state = pid === undefined ? undefined : await readDaemonState(layout, pid);
  if (state === undefined || (await ask(setup)).kind === "silent") return undefined;
  if (state.configHash !== hashOf(await configOf(setup.host, layout))) {
    const change = `the engine runs with other settings than ${layout.userConfigFile} now has`;
    setup.say(`${change}: \`mzimage engine stop\` lets it take them`);
  }
  return asEngine(state);
}

async function startNew(setup: Setup, layout: EmbeddedLayout, ask: Ask): Promise<Engine> {
  const programs = await providePrograms(setup, layout);
  return locked(setup, layout, async () => {
    const other = await adopt(setup, layout, ask);
    if (other !== undefined) return asEngine(other);
    const config = await configOf(setup.host, layout);
    await prepareDirectories(setup.host, layout);
    await writeFile(layout.configFile, config, { mode: 0o600 });
    setup.say(`starting the embedded engine (buildkitd ${programs.origin}); \`mzimage engine stop\` ends it`);
    const { pid, version } = await startDaemon(setup, layout, programs, ask);
    return asEngine(await record(layout, { pid, version, origin: programs.origin, configHash: hashOf(config) }));
  });
}

/** With the lock held: the daemon of another run, if one answers. One that doesn't is ended. */
async function adopt(setup: Setup, layout: EmbeddedLayout, ask: Ask): Promise<DaemonState | undefined> {
  const pid = await runningPid(layout);
  if (pid === undefined) {
    if (await exists(layout.pidFile)) setup.say("the engine had ended without being stopped: starting anew");
    return undefined;
  }
  const answer = await ask({ signal: setup.signal, timeoutMs: PATIENT_PROBE_MS });
  if (answer.kind === "silent") {
    setup.say(`the engine (process ${pid}) does not answer: ending it and starting anew`);
    await stopDaemon(layout, pid);
    return undefined;
  }
  const { version } = answer;
  const configHash = hashOf(await readFile(layout.configFile, "utf8"));
  // Without a record it is that of a run that was killed while it started the engine.
  return (await readDaemonState(layout, pid)) ?? record(layout, { pid, version, origin: version, configHash });
}

async function record(layout: EmbeddedLayout, facts: Omit<DaemonState, "address" | "startedAt">): Promise<DaemonState> {
  const state = { ...facts, address: `unix://${layout.socket}`, startedAt: new Date().toISOString() };
  await writeDaemonState(layout, state);
  return state;
}

function locked<T>(setup: Setup, layout: EmbeddedLayout, body: () => Promise<T>): Promise<T> {
  const onWait = () => setup.say("waiting for another run that starts or stops the engine");
  const path = setup.host.env["PATH"] ?? "";
  return withFileLock(layout.lockFile, { path, onWait, signal: setup.signal }, body);
}

function configOf(host: EngineHost, layout: EmbeddedLayout): Promise<string> {
  return buildkitdConfig(layout, host.uid !== 0);
}

function asEngine({ address, version, pid, origin }: DaemonState): Engine {
  const description = `BuildKit ${version} at ${address} (the embedded engine, process ${pid}; buildkitd ${origin})`;
  return { kind: "embedded", address, version, description };
}

function checkHost(host: EngineHost): void {
  if (host.platform === "linux" && goArch(host) !== undefined) return;
  const where = `${host.platform}/${host.arch}`;
  throw new EngineError("engine-unsupported", `the embedded engine runs on Linux (amd64, arm64), not on ${where}`, {
    hint: "Start Docker, whose BuildKit then builds, or name a buildkitd with --buildkit or BUILDKIT_HOST.",
  });
}

async function prepareDirectories(host: EngineHost, layout: EmbeddedLayout): Promise<void> {
  await mkdir(layout.rootDir, { recursive: true, mode: 0o711 });
  await mkdir(layout.temporaryDir, { recursive: true, mode: 0o700 });
  await mkdir(layout.runtimeDir, { recursive: true, mode: 0o700 });
  // /tmp is everybody's: a directory that somebody else made there first is not one to open a socket in.
  const { uid } = await stat(layout.runtimeDir);
  if (host.uid === undefined || uid === host.uid) return;
  throw new EngineError("engine-start-failed", `${layout.runtimeDir} belongs to another user (uid ${uid})`, {
    hint: "Set XDG_RUNTIME_DIR to a directory of your own.",
  });
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
