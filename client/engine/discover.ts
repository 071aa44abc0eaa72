// Finds the engine: the one that was named, else Docker's, else a buildkitd on the usual sockets, else our own.
// Whatever is taken has answered a call; what was passed over is listed in the error when nothing is left.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { bootBuilder } from "./boot-builder.ts";
import { builderAddress, selectedBuilder } from "./buildx-builder.ts";
import { currentDockerEndpoint, type DockerEndpoint, type TlsFiles } from "./docker-endpoint.ts";
import { embeddedEngine } from "./embedded/index.ts";
import type { Engine } from "./engine.ts";
import { type Attempt, EngineError } from "./engine-error.ts";
import type { EngineHost, OnSetup } from "./host.ts";
import { type Probe, probe as probeAddress } from "./probe.ts";

export interface FindEngineOptions {
  /** The value of `--buildkit`; goes before BUILDKIT_HOST. */
  readonly buildkit?: string;
  /** Credentials for `buildkit`. */
  readonly tls?: TlsFiles;
  /** The value of `--builder`: a docker buildx builder by name. */
  readonly builder?: string;
  /** false for `--no-install`: nothing is installed into the system (downloads into the user's cache remain allowed). */
  readonly install?: boolean;
  /** Replaces the real probe in tests of the order. */
  readonly probe?: Probe;
  readonly signal?: AbortSignal;
}

/** Programs that dial by a child process (docker, ssh, kubectl) and remote hosts need longer than a local socket. */
const REMOTE_DEADLINE_MS = 10_000;
const LOCAL_DEADLINE_MS = 2_000;

/**
 * Throws `EngineError`: "engine-unreachable" when an engine that was asked for by name doesn't answer, "no-engine" when
 * none of the ways leads to one, and what the embedded engine throws when it is the only one left and can't be provided.
 */
export async function findEngine(host: EngineHost, options: FindEngineOptions, onEvent: OnSetup): Promise<Engine> {
  const named = await namedEngine(host, options);
  if (named !== undefined) return named;
  const tried: Attempt[] = [];
  const found =
    (await buildxEngine(host, options, onEvent, tried)) ??
    (await dockerEngine(host, options, tried)) ??
    (await socketEngine(host, options, tried));
  if (found !== undefined) return found;
  return startEmbedded(host, options, onEvent, tried);
}

async function namedEngine(host: EngineHost, options: FindEngineOptions): Promise<Engine | undefined> {
  const fromEnv = host.env["BUILDKIT_HOST"] || undefined;
  const address = options.buildkit ?? fromEnv;
  if (address === undefined) return undefined;
  const source = options.buildkit === undefined ? "BUILDKIT_HOST" : "--buildkit";
  const { tls } = options;
  const answer = await ask(options, address, REMOTE_DEADLINE_MS, tls);
  if (answer.kind === "silent") {
    throw new EngineError("engine-unreachable", `no buildkitd answers at ${address}: ${answer.reason}`, {
      hint: `That address comes from ${source}. Start a buildkitd there, or leave ${source} out to have one found or started.`,
    });
  }
  return engine("given", address, tls, answer.version, `from ${source}`);
}

async function buildxEngine(
  host: EngineHost,
  options: FindEngineOptions,
  onEvent: OnSetup,
  tried: Attempt[],
): Promise<Engine | undefined> {
  const builder = await selectedBuilder(host, options.builder);
  if (builder === undefined) {
    if (options.builder === undefined || options.builder === "default") return undefined;
    throw new EngineError("engine-unreachable", `docker buildx has no builder named "${options.builder}"`, {
      hint: "`docker buildx ls` lists the builders.",
    });
  }
  const what = `docker buildx builder "${builder.name}"`;
  const reason = await (async () => {
    const where = await builderAddress(host, builder, options.signal);
    if (where.kind === "unusable") return where.reason;
    const { address, tls } = where;
    if (where.behind !== undefined) {
      const docker = await ask(options, dockerAddress(where.behind), LOCAL_DEADLINE_MS, where.behind.tls);
      if (docker.kind === "silent") return `Docker doesn't answer: ${docker.reason}`;
      await bootBuilder(host, builder, onEvent, options.signal);
    }
    const answer = await ask(options, address, REMOTE_DEADLINE_MS, tls);
    return answer.kind === "silent"
      ? answer.reason
      : engine("buildx", address, tls, answer.version, `the selected ${what}`);
  })();
  if (typeof reason !== "string") return reason;
  if (options.builder !== undefined)
    throw new EngineError("engine-unreachable", `the ${what} can't be used: ${reason}`);
  tried.push({ what, result: reason });
  return undefined;
}

async function dockerEngine(
  host: EngineHost,
  options: FindEngineOptions,
  tried: Attempt[],
): Promise<Engine | undefined> {
  const endpoint = await currentDockerEndpoint(host);
  if (endpoint === undefined) return undefined;
  const what = `Docker at ${endpoint.host}`;
  const answer = await ask(options, dockerAddress(endpoint), LOCAL_DEADLINE_MS, endpoint.tls);
  if (answer.kind === "answers") {
    const why = `the BuildKit of docker context "${endpoint.context}"`;
    return engine("docker", dockerAddress(endpoint), endpoint.tls, answer.version, why);
  }
  tried.push({ what, result: answer.reason });
  return undefined;
}

async function socketEngine(
  host: EngineHost,
  options: FindEngineOptions,
  tried: Attempt[],
): Promise<Engine | undefined> {
  const runtime = host.env["XDG_RUNTIME_DIR"];
  const rootless = runtime === undefined || runtime === "" ? [] : [join(runtime, "buildkit/buildkitd.sock")];
  for (const socket of ["/run/buildkit/buildkitd.sock", ...rootless]) {
    const result = await usableSocket(socket);
    if (result !== undefined) {
      tried.push({ what: `buildkitd at ${socket}`, result });
      continue;
    }
    const address = `unix://${socket}`;
    const answer = await ask(options, address, LOCAL_DEADLINE_MS, undefined);
    if (answer.kind === "answers")
      return engine("socket", address, undefined, answer.version, "a buildkitd that runs there");
    tried.push({ what: `buildkitd at ${socket}`, result: answer.reason });
  }
  return undefined;
}

async function usableSocket(socket: string): Promise<string | undefined> {
  return access(socket).then(
    () => undefined,
    () => "no such socket",
  );
}

async function startEmbedded(
  host: EngineHost,
  options: FindEngineOptions,
  onEvent: OnSetup,
  tried: readonly Attempt[],
): Promise<Engine> {
  if (host.platform !== "linux") {
    const what = host.platform === "darwin" ? "macOS" : host.platform;
    throw new EngineError("no-engine", "no BuildKit engine was found", {
      tried: [...tried, { what: "an engine of our own", result: `runs on Linux only, not on ${what}` }],
      hint:
        "Start Docker Desktop (or colima, OrbStack, Rancher Desktop), or name a buildkitd elsewhere: " +
        "--buildkit tcp://HOST:PORT, ssh://USER@HOST or BUILDKIT_HOST.",
    });
  }
  try {
    return await embeddedEngine(host, options).start(onEvent, options.signal);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === "engine-start-failed") throw error;
    throw new EngineError("no-engine", "no BuildKit engine was found, and none can be set up here", {
      tried: [...tried, ...error.tried, { what: "an engine of our own", result: error.message }],
      hint: error.hint ?? "Start Docker or a buildkitd, or name one: --buildkit ADDRESS or BUILDKIT_HOST.",
      cause: error,
    });
  }
}

function ask(options: FindEngineOptions, address: string, timeoutMs: number, tls: TlsFiles | undefined) {
  const probe = options.probe ?? probeAddress;
  return probe(address, { timeoutMs, ...(tls ? { tls } : {}), ...(options.signal ? { signal: options.signal } : {}) });
}

/** Docker's endpoints are reached through its `/grpc` upgrade, which the scheme `docker:` in front asks for. */
function dockerAddress(endpoint: DockerEndpoint): string {
  return `docker:${endpoint.host}`;
}

function engine(
  kind: Engine["kind"],
  address: string,
  tls: TlsFiles | undefined,
  version: string,
  why: string,
): Engine {
  const named = version === "" ? "BuildKit" : `BuildKit ${version}`;
  return { kind, address, ...(tls ? { tls } : {}), version, description: `${named} at ${address} (${why})` };
}
