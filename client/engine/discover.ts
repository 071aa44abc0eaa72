/**
 * Finds the engine: the one that was named, else Docker's, else a buildkitd on the usual sockets, else our own.
 * Whatever is taken has answered a call; what was passed over is listed in the error when nothing is left.
 */
import type { TlsFiles } from "../transport/index.ts";
import { selectedBuilder } from "./buildx-builder.ts";
import { buildxEngine } from "./buildx-engine.ts";
import { dockerEngine, dockerEngineOf } from "./docker-engine.ts";
import { embeddedEngine } from "./embedded/index.ts";
import { candidate, type Engine, type Found, type Search } from "./engine.ts";
import { type Attempt, EngineError } from "./engine-error.ts";
import { type EngineHost, type OnSetup, setupOf } from "./host.ts";
import { type Probe, probe } from "./probe.ts";
import { socketEngine } from "./socket-engine.ts";

export interface FindEngineOptions {
  /** The value of `--buildkit`; goes before everything else. */
  readonly buildkit?: string | undefined;
  /** Credentials for the address of `--buildkit` or BUILDKIT_HOST. */
  readonly tls?: TlsFiles | undefined;
  /** The value of `--builder`: a docker buildx builder, or a docker context, by name. */
  readonly builder?: string | undefined;
  /** false for `--no-install`: nothing is installed into the system (downloads into the user's cache remain allowed). */
  readonly install?: boolean | undefined;
  /** Replaces the real probe in tests of the order. */
  readonly probe?: Probe | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Programs that dial by a child process (docker, ssh, kubectl) and remote hosts need longer than a local socket. */
const REMOTE_DEADLINE_MS = 10_000;

/**
 * Throws `EngineError`: "engine-unreachable" when an engine that was asked for by name doesn't answer, "no-engine" when
 * no way leads to one, "engine-start-failed" and others when the embedded engine is the only one left and doesn't start.
 */
export async function findEngine(host: EngineHost, options: FindEngineOptions, onEvent: OnSetup): Promise<Engine> {
  const search: Search = { ...setupOf(host, options, onEvent), probe: options.probe ?? probe };
  if (options.buildkit !== undefined) return namedEngine(search, options.buildkit, "the command line", options.tls);
  if (options.builder !== undefined) return namedBuilder(search, options.builder);
  const fromEnv = host.env["BUILDKIT_HOST"];
  if (fromEnv) return namedEngine(search, fromEnv, "BUILDKIT_HOST", options.tls);

  const tried: Attempt[] = [];
  for (const way of [buildxEngine, dockerEngine, socketEngine]) {
    const found = await way(search);
    if (found.kind === "found") return found.engine;
    tried.push(...found.tried);
  }
  return startEmbedded(search, options, onEvent, tried);
}

async function namedEngine(
  search: Search,
  address: string,
  source: string,
  tls: TlsFiles | undefined,
): Promise<Engine> {
  const timeoutMs = REMOTE_DEADLINE_MS;
  const found = await candidate(search, {
    kind: "given",
    address,
    tls,
    what: address,
    why: `from ${source}`,
    timeoutMs,
  });
  if (found.kind === "found") return found.engine;
  const [attempt] = found.tried;
  throw new EngineError("engine-unreachable", `no buildkitd answers at ${address}: ${attempt?.result}`, {
    hint: `That address comes from ${source}: ${attempt?.hint ?? "start a buildkitd there"}, or leave it out to have one found or started.`,
  });
}

async function namedBuilder(search: Search, name: string): Promise<Engine> {
  const builder = await selectedBuilder(search.host, name);
  const found: Found = builder === undefined ? await dockerEngineOf(search, name) : await buildxEngine(search, builder);
  if (found.kind === "found") return found.engine;
  const [attempt] = found.tried;
  if (attempt === undefined) {
    throw new EngineError(
      "engine-unreachable",
      `docker buildx has no builder "${name}", nor docker a context of that name`,
      {
        hint: "`docker buildx ls` lists the builders.",
      },
    );
  }
  throw new EngineError("engine-unreachable", `${attempt.what} can't be used: ${attempt.result}`);
}

async function startEmbedded(
  search: Search,
  options: FindEngineOptions,
  onEvent: OnSetup,
  tried: readonly Attempt[],
): Promise<Engine> {
  const { platform } = search.host;
  if (platform !== "linux") {
    const where = platform === "darwin" ? "macOS" : platform;
    throw new EngineError("no-engine", "no BuildKit engine was found", {
      tried: [...tried, { what: "the embedded engine", result: `runs on Linux only, not on ${where}` }],
      hint:
        "Start Docker Desktop (or Colima, OrbStack, Rancher Desktop), or name a buildkitd elsewhere with --buildkit " +
        "or BUILDKIT_HOST: tcp://HOST:PORT, ssh://USER@HOST.",
    });
  }
  try {
    return await embeddedEngine(search.host, options).start(onEvent, search.signal);
  } catch (error) {
    if (!(error instanceof EngineError) || (error.code !== "missing-program" && error.code !== "engine-unsupported"))
      throw error;
    throw new EngineError("no-engine", "no BuildKit engine was found, and none can be set up here", {
      tried: [...tried, ...error.tried, { what: "the embedded engine", result: error.message }],
      hint: error.hint ?? "Start Docker or a buildkitd, or name one with --buildkit or BUILDKIT_HOST.",
      cause: error,
    });
  }
}
