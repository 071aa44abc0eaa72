/**
 * Where the embedded engine keeps things. Everything is below a directory named after BuildKit's version, so that an
 * upgrade of the tool brings a daemon of its own and leaves the old one to whoever still uses it.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheDir, configDir, dataDir, type EngineHost, runtimeBase } from "../host.ts";
import { BUILDKIT_VERSION } from "../versions.ts";

export interface EmbeddedLayout {
  /** Programs of ours: downloaded, built or unpacked. Shared by all engines of this cache directory. */
  readonly binDir: string;
  /** Held while programs are provided. */
  readonly binLock: string;
  /** Everything of this one engine, except its sockets. */
  readonly stateDir: string;
  /** buildkitd's own root: snapshots, content, cache metadata. */
  readonly rootDir: string;
  /** buildkitd's own directory for temporary files. */
  readonly temporaryDir: string;
  readonly configFile: string;
  readonly logFile: string;
  /** These two: see daemon-state.ts. */
  readonly stateFile: string;
  readonly pidFile: string;
  /** Held while the engine is started or stopped. */
  readonly lockFile: string;
  readonly runtimeDir: string;
  readonly socket: string;
  readonly otelSocket: string;
  /** Settings of the user's, merged over ours; may not exist. */
  readonly userConfigFile: string;
}

/** The kernel's limit for a unix socket's path, in bytes, without the ending zero. */
const SOCKET_PATH_LIMIT = 107;

export function embeddedLayout(host: EngineHost): EmbeddedLayout {
  const binDir = join(cacheDir(host), "engine", BUILDKIT_VERSION);
  const stateDir = join(dataDir(host), "engine", BUILDKIT_VERSION);
  const runtimeDir = socketDir(host, stateDir);
  return {
    binDir: join(binDir, "bin"),
    binLock: join(binDir, "lock"),
    stateDir,
    rootDir: join(stateDir, "root"),
    temporaryDir: join(stateDir, "tmp"),
    configFile: join(stateDir, "buildkitd.toml"),
    logFile: join(stateDir, "buildkitd.log"),
    stateFile: join(stateDir, "engine.json"),
    pidFile: join(stateDir, "buildkitd.pid"),
    lockFile: join(stateDir, "lock"),
    runtimeDir,
    socket: join(runtimeDir, "buildkitd.sock"),
    otelSocket: join(runtimeDir, "otel-grpc.sock"),
    userConfigFile: host.env["MZBUILD_BUILDKITD_CONFIG"] || join(configDir(host), "buildkitd.toml"),
  };
}

/** Named after the state directory, since engines with different ones share the runtime directory; short, for the limit. */
function socketDir(host: EngineHost, stateDir: string): string {
  const name = createHash("sha256").update(stateDir).digest("hex").slice(0, 12);
  const base = runtimeBase(host);
  if (base !== undefined) {
    const dir = join(base, "mzbuild", name);
    if (Buffer.byteLength(join(dir, "otel-grpc.sock")) <= SOCKET_PATH_LIMIT) return dir;
  }
  return join("/tmp", `mzbuild-${host.uid ?? "user"}`, name);
}
