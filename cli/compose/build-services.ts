/** Builds services from their `build` sections: on the engine that builds the repository's images, into the Docker that Compose uses. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  directoryTree,
  openSession,
  parseBuildContext,
  parseCacheOption,
  parseSsh,
  planCaches,
  planExports,
  resolveBuildContexts,
  resolveSecrets,
  solve,
  withEnvironment,
} from "../../client/index.ts";
import { buildDockerfile } from "../../frontend/gateway/index.ts";
import { outputsForEngine } from "../build/engine-outputs.ts";
import { type Prepared, prepareBuild } from "../build/prepare.ts";
import { buildServices } from "../build/services.ts";
import { BuildFailed } from "../build-failed.ts";
import { whileConnected } from "../engine-host.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import type { BuildSection } from "./build-section.ts";
import type { ComposeOptions } from "./command-line.ts";
import { ComposeError } from "./compose-error.ts";

export interface BuildServices {
  readonly terminal: Terminal;
  readonly options: ComposeOptions;
  readonly sections: readonly BuildSection[];
  /** Of a service that isn't among the sections: what it runs. */
  readonly imageOf: (service: string) => string | undefined;
  /** Absolute. */
  readonly directory: string;
}

/** Services whose images are contexts of others come first; all others at once. Throws `BuildFailed`, and errors of our own side. */
export async function buildSections(request: BuildServices): Promise<void> {
  const { terminal, options, sections } = request;
  const flags = { ...options, progress: options.progress === "json" ? "rawjson" : (options.progress ?? "auto") };
  const prepared = await prepareBuild(terminal, flags);
  await using _connection = prepared.connected;
  await tellFailure(terminal, prepared.progress, async () => {
    const started = new Map<string, Promise<void>>();
    const begin = (section: BuildSection, path: readonly string[]): Promise<void> => {
      if (path.includes(section.service)) {
        const circle = [...path, section.service].join(" -> ");
        throw new ComposeError("bad-composition", `the builds of services need each other: ${circle}`);
      }
      const known = started.get(section.service);
      if (known !== undefined) return known;
      const needed = sections.filter(({ service }) => section.needs.some((need) => need.service === service));
      const inner = needed.map((each) => begin(each, [...path, section.service]));
      const building = Promise.all(inner).then(() => buildOne(request, prepared, section));
      started.set(section.service, building);
      return building;
    };
    await Promise.all(sections.map((section) => begin(section, [])));
  });
}

async function buildOne(request: BuildServices, { connected, progress, given }: Prepared, section: BuildSection) {
  const { terminal, directory } = request;
  const { env, signal } = terminal;
  await using dockerfile = await dockerfileDirectory(section);
  const warn = (text: string): void => progress.warning(text);
  const contexts = await resolveBuildContexts(namedContexts(request, section).map(parseBuildContext), directory);
  const caches = await planCaches(
    withEnvironment(
      section.cacheFrom.flatMap((text) => parseCacheOption("--cache-from", text)),
      env,
    ),
    withEnvironment(
      section.cacheTo.flatMap((text) => parseCacheOption("--cache-to", text)),
      env,
    ),
    { directory, onWarning: warn },
  );
  const place = { directory, stdout: undefined, dockerLoad: { environment: env } };
  const load = { kind: "docker-load", attrs: { name: section.names.join(",") } } as const;
  const fitted = await outputsForEngine(terminal, connected, progress, [load]);
  const exports = planExports(fitted.outputs, place);
  const own = await resolveSecrets(section.secrets, { environment: env, directory });
  await using services = await buildServices(
    terminal,
    {
      directories: new Map([
        ...given.contexts.directories,
        ...contexts.directories,
        ...("directory" in section.context ? [["context", directoryTree(section.context.directory)] as const] : []),
        ["dockerfile", directoryTree(dockerfile.path)],
      ]),
      files: new Set(),
      root: directory,
      layouts: new Map([...given.contexts.stores, ...contexts.stores, ...exports.stores, ...caches.stores]),
      secrets: new Map([...given.secrets, ...own]),
      sshForwards: [
        ...given.sshForwards,
        ...section.ssh.map((text) => parseSsh(text, { environment: env, directory })),
      ],
      exports: exports.targets,
    },
    warn,
  );
  await using session = await openSession(connected.client, { services: services.handlers });
  const opts = { ...given.contexts.frontendAttrs, ...contexts.frontendAttrs, ...section.attrs };
  const result = await whileConnected(connected, () =>
    solve(connected.client, {
      work: {
        kind: "function",
        attrs: opts,
        build: (gateway, building) => buildDockerfile(gateway, { opts, sessionId: session.id }, building),
      },
      session,
      exporters: exports.exporters,
      cacheImports: caches.imports,
      cacheExports: caches.exports,
      onProgress: (event) => progress.event(event),
      signal,
    }),
  );
  if (result.kind === "cancelled") throw signal.reason;
  if (result.kind === "failed") throw services.exportErrors[0] ?? new BuildFailed(result.failure);
  await exports.finish(result.exporterResponse);
  await caches.finish(result.exporterResponse);
  await fitted.finish();
}

function namedContexts({ sections, imageOf }: BuildServices, section: BuildSection): readonly string[] {
  const ofServices = section.needs.map(({ context, service }) => {
    const image = sections.find((each) => each.service === service)?.names[0] ?? imageOf(service);
    if (image !== undefined) return `${context}=docker-image://${image}`;
    throw new ComposeError("bad-composition", `service ${section.service}: build: there is no service ${service}`);
  });
  return [...section.contexts, ...ofServices];
}

interface Directory extends AsyncDisposable {
  readonly path: string;
}

async function dockerfileDirectory({ dockerfile, context }: BuildSection): Promise<Directory> {
  if ("directory" in dockerfile) {
    // Of a context that the daemon fetches, the Dockerfile is in there.
    const path = "remote" in context ? tmpdir() : dockerfile.directory;
    return { path, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const path = await mkdtemp(join(tmpdir(), "mzcompose-dockerfile-"));
  await writeFile(join(path, "Dockerfile"), dockerfile.inline);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
