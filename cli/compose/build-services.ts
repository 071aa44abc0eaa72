/** Builds services from their `build` sections: on the engine that builds the repository's images, into the Docker that Compose uses. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CachePlan,
  directoryTree,
  dockerStore,
  type ExportPlan,
  openSession,
  parseBuildContext,
  parseSsh,
  planExports,
  type ResolvedContexts,
  resolveBuildContexts,
  resolveSecrets,
  solve,
} from "../../client/index.ts";
import { buildDockerfile } from "../../frontend/gateway/index.ts";
import { outputsForEngine } from "../build/engine-outputs.ts";
import type { Given } from "../build/given.ts";
import { namedCaches } from "../build/named-caches.ts";
import { type Prepared, prepareBuild } from "../build/prepare.ts";
import { buildServices, type Offered } from "../build/services.ts";
import { solveResponse } from "../build/solve-response.ts";
import { isDockerEngine } from "../docker/docker-command.ts";
import { whileConnected } from "../engine-host.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import type { BuildSection } from "./build-section.ts";
import type { ComposeOptions } from "./command-line.ts";
import { ComposeError } from "./compose-error.ts";
import { type ContextImage, imageContexts } from "./image-contexts.ts";

export interface BuildServices {
  readonly terminal: Terminal;
  readonly options: ComposeOptions;
  readonly sections: readonly BuildSection[];
  /** Of a service that isn't among the sections: what it runs. */
  readonly imageOf: (service: string) => string | undefined;
  /** The spec of an image of the repository, which Docker has. */
  readonly specOf: (image: string) => string;
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

async function buildOne(request: BuildServices, prepared: Prepared, section: BuildSection): Promise<void> {
  const { connected, progress, given } = prepared;
  const { terminal, directory } = request;
  await checkPlatforms(prepared, section);
  await using dockerfile = await dockerfileDirectory(section);
  const warn = (text: string): void => progress.warning(text);
  await using images = await imageContexts(terminal, connected, contextImages(request, section));
  const named = [...section.contexts, ...images.contexts];
  const contexts = await resolveBuildContexts(named.map(parseBuildContext), directory);
  const names = { from: section.cacheFrom, to: section.cacheTo };
  const caches = await namedCaches(names, { env: terminal.env, directory, onWarning: warn });
  const load = { kind: "docker-load", attrs: { name: section.names.join(",") } } as const;
  const fitted = await outputsForEngine(terminal, connected, progress, [load]);
  const place = { directory, stdout: undefined, dockerLoad: { environment: terminal.env } };
  const exports = planExports(fitted.outputs, place);
  const plans = { contexts, caches, exports, dockerfile: dockerfile.path };
  await using services = await buildServices(terminal, await offer(request, given, section, plans), warn);
  await using session = await openSession(connected.client, { services: services.handlers });
  const platform = section.platforms.length === 0 ? {} : { platform: section.platforms.join(",") };
  const opts = { ...given.contexts.frontendAttrs, ...contexts.frontendAttrs, ...section.attrs, ...platform };
  const result = await whileConnected(connected, () =>
    solve(connected.client, {
      work: {
        kind: "function",
        attrs: opts,
        build: (gateway, building) => buildDockerfile(gateway, { opts, sessionId: session.id }, building),
      },
      session,
      entitlements: section.entitlements,
      exporters: exports.exporters,
      cacheImports: caches.imports,
      cacheExports: caches.exports,
      onProgress: (event) => progress.event(event),
      signal: terminal.signal,
    }),
  );
  const response = solveResponse(result, services, terminal.signal);
  await exports.finish(response);
  await caches.finish(response);
  await fitted.finish();
}

interface BuildPlans {
  readonly contexts: ResolvedContexts;
  readonly caches: CachePlan;
  readonly exports: ExportPlan;
  /** The directory that has the Dockerfile. */
  readonly dockerfile: string;
}

/** What the build may ask for: of the command line, and of the section. */
async function offer(
  { terminal: { env }, directory }: BuildServices,
  given: Given,
  section: BuildSection,
  { contexts, caches, exports, dockerfile }: BuildPlans,
): Promise<Offered> {
  const context = "directory" in section.context ? directoryTree(section.context.directory) : undefined;
  return {
    directories: new Map([
      ...given.contexts.directories,
      ...contexts.directories,
      ...(context === undefined ? [] : [["context", context] as const]),
      ["dockerfile", directoryTree(dockerfile)],
    ]),
    files: new Set(),
    root: directory,
    layouts: new Map([...given.contexts.stores, ...contexts.stores, ...exports.stores, ...caches.stores]),
    secrets: new Map([...given.secrets, ...(await resolveSecrets(section.secrets, { environment: env, directory }))]),
    sshForwards: [...given.sshForwards, ...section.ssh.map((text) => parseSsh(text, { environment: env, directory }))],
    exports: exports.targets,
  };
}

/** Images in Docker that are contexts. Throws `ComposeError` "bad-composition" for one of a service that isn't there. */
function contextImages({ sections, imageOf, specOf }: BuildServices, section: BuildSection): readonly ContextImage[] {
  const ofServices = section.needs.map(({ context, service }) => {
    const image = sections.find((each) => each.service === service)?.names[0] ?? imageOf(service);
    if (image !== undefined) return { context, image };
    throw new ComposeError("bad-composition", `service ${section.service}: build: there is no service ${service}`);
  });
  return [...ofServices, ...section.images.map(({ context, image }) => ({ context, image: specOf(image) }))];
}

/** Docker keeps images of several platforms only in containerd's store, and takes them only from its own BuildKit. */
async function checkPlatforms({ connected }: Prepared, { service, platforms }: BuildSection): Promise<void> {
  if (platforms.length < 2) return;
  if (isDockerEngine(connected.engine) && (await dockerStore(connected.client)) === "containerd") return;
  throw new ComposeError(
    "bad-composition",
    `service ${service}: build: an image for ${platforms.join(" and ")} can't be loaded into this Docker`,
    {
      hint: "turn on Docker's containerd image store and build with its own engine, or push the image: mzcompose build --push",
    },
  );
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
