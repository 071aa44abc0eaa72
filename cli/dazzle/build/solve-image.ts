/** One image of a project, built from its directory by our compiler, looked into, and pushed. */
import { join, relative } from "node:path";
import {
  type BuildFailure,
  type ContentStore,
  directoryTree,
  dockerStore,
  type Gateway,
  openSession,
  type ProgressEvent,
  RpcError,
  retried,
  solve,
} from "../../../client/index.ts";
import { buildDockerfile } from "../../../frontend/gateway/index.ts";
import { BuildError } from "../../../llb/index.ts";
import type { OciConfig } from "../../../mzbuild/index.ts";
import type { gateway as contract, Init } from "../../../proto/index.ts";
import type { Given } from "../../build/given.ts";
import { buildServices, type Offered } from "../../build/services.ts";
import { sharedKey } from "../../build/shared-key.ts";
import { isTransientPush } from "../../build/transient-push.ts";
import { BuildFailed } from "../../build-failed.ts";
import { type ConnectedEngine, whileConnected } from "../../engine-host.ts";
import type { Progress } from "../../progress/index.ts";
import type { Terminal } from "../../terminal.ts";
import { singleFile } from "./single-file.ts";

export interface BuildTools {
  readonly terminal: Terminal;
  readonly connected: ConnectedEngine;
  readonly given: Given;
  readonly progress: Progress;
  /** `linux/amd64` and the like; none for the daemon's own. */
  readonly platforms: readonly string[];
  readonly noCache: boolean;
}

export interface ImageBuild {
  /** Of the chunk, or `base`. */
  readonly label: string;
  /** Where it goes. */
  readonly reference: string;
  /** Absolute. */
  readonly directory: string;
  readonly filename: string;
  /** Its content, where that isn't what lies in the directory. */
  readonly dockerfile?: Uint8Array | undefined;
  readonly args: ReadonlyMap<string, string>;
  /** Named contexts and others, besides those of the command line. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** Looks into what was built, before it is pushed; throws to prevent that. */
  readonly check?:
    | ((gateway: Gateway, built: readonly BuiltPlatform[], signal: AbortSignal) => Promise<void>)
    | undefined;
}

/** What was built for one platform. */
export interface BuiltPlatform {
  /** In the daemon; empty for an empty image. */
  readonly ref: string;
  readonly config: OciConfig;
}

const RETRY_WAITS_MS = [1000, 2000, 4000];

/** The digest of what was pushed. Throws `BuildFailed`, what `check` throws, and `EngineError`. */
export async function buildAndPush(tools: BuildTools, build: ImageBuild): Promise<string> {
  const { progress, terminal } = tools;
  await refuseClassicStore(tools);
  return retried(() => buildOnce(tools, build), {
    waitsMs: RETRY_WAITS_MS,
    isTransient: (error) =>
      error instanceof BuildFailed && error.failure.vertex === undefined && isTransientPush(error),
    onRetry: (error, waitMs) => {
      const reason = error instanceof Error ? error.message : String(error);
      progress.warning(`${build.label} could not be pushed, trying again in ${waitMs / 1000} s: ${reason}`);
    },
    signal: terminal.signal,
  });
}

/** Docker's BuildKit has an exporter that pushes only where containerd keeps Docker's images. */
async function refuseClassicStore({ connected, terminal }: BuildTools): Promise<void> {
  const { engine, client } = connected;
  if (engine.kind !== "docker" || (await dockerStore(client, { signal: terminal.signal })) !== "classic") return;
  throw new BuildError("no-push", "the BuildKit of Docker can't push images with Docker's classic image store", {
    hint: "turn on Docker's containerd image store, or name another engine with --addr or --builder; combine works with this one",
  });
}

async function buildOnce(tools: BuildTools, build: ImageBuild): Promise<string> {
  const { terminal, connected, given, progress } = tools;
  const offered = offer(given, build);
  await using services = await buildServices(terminal, offered, (text) => progress.warning(text));
  await using session = await openSession(connected.client, {
    services: services.handlers,
    sharedKey: sharedKey(build.directory),
  });
  const opts = attributesOf(tools, build);
  let ownError: { readonly error: unknown } | undefined;
  const result = await whileConnected(connected, () =>
    solve(connected.client, {
      work: {
        kind: "function",
        attrs: tools.platforms.length === 0 ? {} : { platform: tools.platforms.join(",") },
        build: async (gateway, signal) => {
          const built = await buildDockerfile(gateway, { opts, sessionId: session.id }, signal);
          try {
            await build.check?.(gateway, await evaluated(gateway, built, signal), signal);
          } catch (error) {
            // The daemon gets to know the message alone.
            if (!(error instanceof RpcError)) ownError = { error };
            throw error;
          }
          return built;
        },
      },
      session,
      exporters: [
        { Type: "image", Attrs: { name: build.reference, push: "true", "oci-mediatypes": "true", unpack: "false" } },
      ],
      onProgress: (event) => progress.event(labelled(build.label, event)),
      signal: terminal.signal,
    }),
  );
  if (result.kind === "cancelled") throw terminal.signal.reason;
  if (result.kind === "failed") {
    throw ownError?.error ?? new BuildFailed(located(result.failure, relative(terminal.cwd, build.directory)));
  }
  return result.exporterResponse["containerimage.digest"] ?? "";
}

function offer(given: Given, { directory, filename, dockerfile }: ImageBuild): Offered {
  const tree = directoryTree(directory);
  const own = dockerfile === undefined ? tree : singleFile(filename, dockerfile);
  return {
    directories: new Map([...given.contexts.directories, ["context", tree], ["dockerfile", own]]),
    files: new Set(),
    root: directory,
    layouts: new Map<string, ContentStore>(given.contexts.stores),
    secrets: given.secrets,
    sshForwards: given.sshForwards,
    exports: new Map(),
  };
}

function attributesOf({ given, platforms, noCache }: BuildTools, build: ImageBuild): Readonly<Record<string, string>> {
  const args = [...build.args].map(([name, value]) => [`build-arg:${name}`, value] as const);
  return {
    ...given.contexts.frontendAttrs,
    ...build.attributes,
    ...Object.fromEntries(args),
    filename: build.filename,
    ...(platforms.length === 0 ? {} : { platform: platforms.join(",") }),
    ...(noCache ? { "no-cache": "" } : {}),
  };
}

/** Builds, and gives what there is for each platform. Throws `RpcError` where a step fails. */
async function evaluated(
  gateway: Gateway,
  built: Init<contract.Result>,
  signal: AbortSignal,
): Promise<readonly BuiltPlatform[]> {
  const refs = built.refs?.refs ?? {};
  const single = built.ref === undefined ? [] : [["", built.ref] as const];
  const all = [...Object.entries(refs), ...single];
  return Promise.all(
    all.map(async ([platform, ref]) => {
      const id = ref?.id ?? "";
      if (id !== "") await gateway.statFile({ ref: id, path: "/" }, { signal });
      const bytes = built.metadata?.[platform === "" ? "containerimage.config" : `containerimage.config/${platform}`];
      // What the compiler, or another frontend, calls the config of its result.
      const config = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array())) as OciConfig;
      return { ref: id, config };
    }),
  );
}

/** The daemon knows a file by its name alone, and nearly all of a project's are called Dockerfile. */
function located(failure: BuildFailure, directory: string): BuildFailure {
  const sources = failure.sources.map((source) => ({ ...source, filename: join(directory, source.filename) }));
  return { ...failure, sources };
}

/** What is read of a directory, and so belongs to one image; other such steps are for all of them. */
const OF_DIRECTORY = /^\[internal\] (load (?:build |\S*dockerignore).*)$/s;

/** With the chunk's name in front of what the step is called, as displays group by it. */
function labelled(label: string, event: ProgressEvent): ProgressEvent {
  if (event.kind !== "vertex") return event;
  const [, loads] = OF_DIRECTORY.exec(event.name) ?? [];
  if (loads !== undefined) return { ...event, name: `[${label} internal] ${loads}` };
  const match = /^\[(?!internal\]|auth\]|context )([^\]]*)\](.*)$/s.exec(event.name);
  if (match !== null) return { ...event, name: `[${label} ${match[1]}]${match[2]}` };
  return /^(?:exporting|pushing|copy)/.test(event.name) ? { ...event, name: `[${label}] ${event.name}` } : event;
}
