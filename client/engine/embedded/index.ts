// The engine that the tool provides itself: one buildkitd a user and version, started on demand, shared by all runs,
// kept until it is stopped. Linux only.
import { createHash } from "node:crypto";
import { access, mkdir, stat, writeFile } from "node:fs/promises";
import type { Engine } from "../engine.ts";
import { EngineError } from "../engine-error.ts";
import { withFileLock } from "../file-lock.ts";
import { type EngineHost, goArch, type OnSetup } from "../host.ts";
import { type Probe, type ProbeResult, probe as probeAddress } from "../probe.ts";
import { BUILDKIT_VERSION } from "../versions.ts";
import { buildkitdConfig } from "./buildkitd-config.ts";
import { startDaemon, stopDaemon } from "./daemon.ts";
import {
  bootId,
  type DaemonState,
  isAlive,
  readDaemonState,
  removeDaemonState,
  writeDaemonState,
} from "./daemon-state.ts";
import { type EmbeddedLayout, embeddedLayout } from "./layout.ts";
import { providePrograms } from "./programs.ts";

export interface EmbeddedOptions {
  /** false for `--no-install`: no system packages. */
  readonly install?: boolean;
  readonly probe?: Probe;
}

export type EmbeddedStatus =
  | { readonly kind: "running"; readonly state: DaemonState; readonly answers: boolean; readonly logFile: string }
  | { readonly kind: "stopped"; readonly logFile: string };

export interface EmbeddedEngine {
  /** Where the daemon writes its log, whether it has run or not. */
  readonly logFile: string;
  readonly address: string;
  status(): Promise<EmbeddedStatus>;
  /** The running one, or a new one. Throws `EngineError`. */
  start(onEvent: OnSetup, signal?: AbortSignal): Promise<Engine>;
  /** Ends it and resolves when it is gone: true if it ran. Its cache is kept. */
  stop(signal?: AbortSignal): Promise<boolean>;
}

const PROBE_MS = 3_000;

export function embeddedEngine(host: EngineHost, options: EmbeddedOptions = {}): EmbeddedEngine {
  const layout = embeddedLayout(host);
  const address = `unix://${layout.socket}`;
  const ask = (signal?: AbortSignal) =>
    (options.probe ?? probeAddress)(address, { timeoutMs: PROBE_MS, ...(signal ? { signal } : {}) });
  const running = async () => {
    const state = await readDaemonState(layout.stateFile);
    return state !== undefined && (await isAlive(state)) ? state : undefined;
  };
  const locked = <T>(body: () => Promise<T>, onEvent?: OnSetup, signal?: AbortSignal) => {
    const onWait = () => onEvent?.({ kind: "setup", text: "waiting for another run that starts the engine" });
    const lock = { path: host.env["PATH"] ?? "", onWait, ...(signal ? { signal } : {}) };
    return withFileLock(layout.lockFile, lock, body);
  };

  return {
    logFile: layout.logFile,
    address,

    async status() {
      const state = await running();
      if (state === undefined) return { kind: "stopped", logFile: layout.logFile };
      return { kind: "running", state, answers: (await ask()).kind === "answers", logFile: layout.logFile };
    },

    async start(onEvent, signal) {
      checkHost(host);
      const state = await running();
      const answer = state === undefined ? undefined : await ask(signal);
      if (state !== undefined && answer?.kind === "answers") {
        await sayIfOutdated(host, layout, state, onEvent);
        return asEngine(state, answer.version);
      }
      const programs = await providePrograms(
        host,
        layout,
        { install: options.install ?? true, ...(signal ? { signal } : {}) },
        onEvent,
      );
      const start = async () => {
        const other = await running();
        if (other !== undefined) {
          const now = await ask(signal);
          if (now.kind === "answers") return asEngine(other, now.version);
          onEvent({
            kind: "setup",
            text: `the engine (process ${other.pid}) does not answer: ending it and starting anew`,
          });
          await stopDaemon(other);
        } else if (await leftBehind(layout)) {
          onEvent({ kind: "setup", text: "the engine had ended without being stopped: starting anew" });
        }
        return begin();
      };
      const begin = async () => {
        const config = await writeConfig(host, layout);
        const text = `starting the embedded engine (buildkitd ${programs.origin}); \`mzimage engine stop\` ends it`;
        onEvent({ kind: "setup", text });
        const { pid, startTicks } = await startDaemon(host, layout, programs, ask);
        const { version } = await answering(ask);
        const startedAt = new Date().toISOString();
        const identity = { pid, startTicks, bootId: await bootId(), startedAt };
        const fresh = { ...identity, address, version, origin: programs.origin, configHash: hashOf(config) };
        await writeDaemonState(layout.stateFile, fresh);
        return asEngine(fresh, version);
      };
      return locked(start, onEvent, signal);
    },

    async stop(signal) {
      checkHost(host);
      if ((await running()) === undefined) return false;
      return locked(
        async () => {
          const state = await running();
          if (state === undefined) return false;
          await stopDaemon(state);
          await removeDaemonState(layout.stateFile);
          return true;
        },
        undefined,
        signal,
      );
    },
  };
}

function asEngine(state: DaemonState, version: string): Engine {
  const why = `the embedded engine, process ${state.pid}, buildkitd ${state.origin}`;
  return {
    kind: "embedded",
    address: state.address,
    version,
    description: `BuildKit ${version} at ${state.address} (${why})`,
  };
}

function checkHost(host: EngineHost): void {
  if (host.platform === "linux" && goArch(host) !== undefined) return;
  throw new EngineError(
    "engine-unsupported",
    `an engine of our own runs on Linux (amd64, arm64), not on ${host.platform}/${host.arch}`,
  );
}

/** A state file whose process is gone: killed, crashed, or the machine was restarted. */
async function leftBehind(layout: EmbeddedLayout): Promise<boolean> {
  return access(layout.stateFile).then(
    () => true,
    () => false,
  );
}

async function writeConfig(host: EngineHost, layout: EmbeddedLayout): Promise<string> {
  const config = await buildkitdConfig(layout, host.uid !== 0);
  await mkdir(layout.rootDir, { recursive: true, mode: 0o711 });
  await mkdir(layout.runtimeDir, { recursive: true, mode: 0o700 });
  await checkOwner(host, layout.runtimeDir);
  await writeFile(layout.configFile, config, { mode: 0o600 });
  return config;
}

/** /tmp is everybody's: a directory that somebody else made there first is not one to open a socket in. */
async function checkOwner(host: EngineHost, dir: string): Promise<void> {
  const found = await stat(dir);
  if (host.uid === undefined || found.uid === host.uid) return;
  throw new EngineError("engine-start-failed", `${dir} belongs to another user (uid ${found.uid})`, {
    hint: "Set XDG_RUNTIME_DIR to a directory of your own.",
  });
}

async function sayIfOutdated(
  host: EngineHost,
  layout: EmbeddedLayout,
  state: DaemonState,
  onEvent: OnSetup,
): Promise<void> {
  if (state.configHash === hashOf(await buildkitdConfig(layout, host.uid !== 0))) return;
  const text = `the engine runs with older settings than ${layout.userConfigFile}'s: \`mzimage engine stop\` lets it take the new ones`;
  onEvent({ kind: "setup", text });
}

async function answering(ask: () => Promise<ProbeResult>): Promise<{ version: string }> {
  const answer = await ask();
  return answer.kind === "answers" ? answer : { version: BUILDKIT_VERSION };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
