// Starts, finds, asks and stops the embedded engine. Concurrent runs agree by a lock: one starts it, the others wait.
import { createHash } from "node:crypto";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import { withFileLock } from "../file-lock.ts";
import { type EngineHost, goArch, type OnSetup, type Setup, setupOf } from "../host.ts";
import { type Probe, type ProbeResult, probe } from "../probe.ts";
import { buildkitdConfig } from "./buildkitd-config.ts";
import { startDaemon, stopDaemon } from "./daemon.ts";
import { type DaemonState, isAlive, readDaemonState, removeDaemonState, writeDaemonState } from "./daemon-state.ts";
import { type EmbeddedLayout, embeddedLayout } from "./layout.ts";
import { providePrograms } from "./programs.ts";

export interface EmbeddedOptions {
  /** false for `--no-install`: no system packages. */
  readonly install?: boolean | undefined;
  /** Replaces the real probe in tests. */
  readonly probe?: Probe | undefined;
}

export type EmbeddedStatus =
  | { readonly kind: "running"; readonly state: DaemonState; readonly answers: boolean; readonly logFile: string }
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

export function embeddedEngine(host: EngineHost, options: EmbeddedOptions = {}): EmbeddedEngine {
  const layout = embeddedLayout(host);
  const address = `unix://${layout.socket}`;
  const ask = (signal?: AbortSignal) =>
    (options.probe ?? probe)(address, { env: host.env, timeoutMs: PROBE_MS, signal });
  const { logFile } = layout;
  return {
    logFile,
    address,
    async status() {
      const state = await runningState(layout);
      if (state === undefined) return { kind: "stopped", logFile };
      return { kind: "running", state, answers: (await ask()).kind === "answers", logFile };
    },
    async start(onEvent, signal) {
      checkHost(host);
      const setup = setupOf(host, { install: options.install, signal }, onEvent);
      return (await running(setup, layout, ask)) ?? startNew(setup, layout, ask);
    },
    async stop(signal) {
      checkHost(host);
      if ((await runningState(layout)) === undefined) return false;
      return locked(
        setupOf(host, { signal }, () => {}),
        layout,
        async () => {
          const state = await runningState(layout);
          if (state !== undefined) await stopDaemon(state);
          await removeDaemonState(layout.stateFile);
          return state !== undefined;
        },
      );
    },
  };
}

type Ask = (signal?: AbortSignal) => Promise<ProbeResult>;

async function runningState(layout: EmbeddedLayout): Promise<DaemonState | undefined> {
  const state = await readDaemonState(layout.stateFile);
  return state !== undefined && (await isAlive(state)) ? state : undefined;
}

/** The way of nearly every run: no lock, no program started. */
async function running(setup: Setup, layout: EmbeddedLayout, ask: Ask): Promise<Engine | undefined> {
  const state = await runningState(layout);
  if (state === undefined || (await ask(setup.signal)).kind === "silent") return undefined;
  if (state.configHash !== hashOf(await configOf(setup.host, layout))) {
    setup.say(
      `the engine runs with other settings than now in ${layout.userConfigFile}: \`mzimage engine stop\` lets it take them`,
    );
  }
  return asEngine(state);
}

async function startNew(setup: Setup, layout: EmbeddedLayout, ask: Ask): Promise<Engine> {
  const programs = await providePrograms(setup, layout);
  return locked(setup, layout, async () => {
    const other = await runningState(layout);
    if (other !== undefined) {
      if ((await ask(setup.signal)).kind === "answers") return asEngine(other);
      setup.say(`the engine (process ${other.pid}) does not answer: ending it and starting anew`);
      await stopDaemon(other);
    } else if (await exists(layout.stateFile)) {
      setup.say("the engine had ended without being stopped: starting anew");
    }
    const config = await configOf(setup.host, layout);
    await prepareDirectories(setup.host, layout);
    await writeFile(layout.configFile, config, { mode: 0o600 });
    setup.say(`starting the embedded engine (buildkitd ${programs.origin}); \`mzimage engine stop\` ends it`);
    const started = await startDaemon(setup, layout, programs, ask);
    const state = {
      ...started,
      address: `unix://${layout.socket}`,
      origin: programs.origin,
      configHash: hashOf(config),
      startedAt: new Date().toISOString(),
    };
    await writeDaemonState(layout.stateFile, state);
    return asEngine(state);
  });
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
  throw new EngineError("engine-unsupported", `the embedded engine runs on Linux (amd64, arm64), not on ${where}`);
}

async function prepareDirectories(host: EngineHost, layout: EmbeddedLayout): Promise<void> {
  await mkdir(layout.rootDir, { recursive: true, mode: 0o711 });
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
