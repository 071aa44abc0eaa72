/**
 * What the engine code knows of the machine it runs on. All of it comes from the command line tool, the only place
 * that reads `process`; tests hand in hosts of their own.
 */
import { isAbsolute, join } from "node:path";

export interface EngineHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Node's name of the operating system: "linux", "darwin", … */
  readonly platform: string;
  /** Node's name of the processor: "x64", "arm64", … */
  readonly arch: string;
  readonly homeDir: string;
  /** 0 means root; undefined where the system has no user ids. */
  readonly uid: number | undefined;
}

/** What is said while something is set up, one line of text each, without a line end. */
export interface SetupEvent {
  readonly kind: "setup";
  readonly text: string;
}

export type OnSetup = (event: SetupEvent) => void;

/** What everything that sets something up works with. */
export interface Setup {
  readonly host: EngineHost;
  /** false for `--no-install`: the system gets no packages; downloads into the user's own directories remain allowed. */
  readonly install: boolean;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal | undefined;
}

export function setupOf(
  host: EngineHost,
  options: { readonly install?: boolean | undefined; readonly signal?: AbortSignal | undefined },
  onEvent: OnSetup,
): Setup {
  const say = (text: string) => onEvent({ kind: "setup", text });
  return { host, install: options.install ?? true, say, signal: options.signal };
}

/** The name that Go, Debian and OCI give to this processor, or undefined for one that we don't support. */
export function goArch(host: EngineHost): "amd64" | "arm64" | undefined {
  if (host.arch === "x64") return "amd64";
  return host.arch === "arm64" ? "arm64" : undefined;
}

/** Downloads and what is made of them; may be deleted at any time. */
export function cacheDir(host: EngineHost): string {
  return join(xdg(host, "XDG_CACHE_HOME", ".cache"), "mzbuild");
}

/** The embedded engine's state. */
export function dataDir(host: EngineHost): string {
  return join(xdg(host, "XDG_DATA_HOME", ".local/share"), "mzbuild");
}

export function configDir(host: EngineHost): string {
  return join(xdg(host, "XDG_CONFIG_HOME", ".config"), "mzbuild");
}

/** The parent of all runtime directories of this user, where sockets may lie. */
export function runtimeBase(host: EngineHost): string | undefined {
  const dir = host.env["XDG_RUNTIME_DIR"];
  if (dir !== undefined && isAbsolute(dir)) return dir;
  return host.uid === 0 ? "/run" : undefined;
}

/** The XDG base directory specification ignores relative values. */
function xdg(host: EngineHost, variable: string, fallback: string): string {
  const value = host.env[variable];
  return value !== undefined && isAbsolute(value) ? value : join(host.homeDir, fallback);
}
