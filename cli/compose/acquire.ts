/** Has the images of services in the Docker engine that Compose uses: those of the repository in one plan, the others fresh. */
import type { Service } from "../../compose/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { Terminal } from "../terminal.ts";
import type { BuildSection } from "./build-section.ts";
import type { ComposeOptions } from "./command-line.ts";
import { dockerEngine } from "./docker-api.ts";
import { isQuiet } from "./quiet.ts";
import { checkContexts, checkImages, imagesOf } from "./select-services.ts";

export interface AcquireServices {
  readonly terminal: Terminal;
  readonly options: ComposeOptions;
  readonly services: readonly Service[];
  readonly open: () => Promise<OpenRepository>;
  /** Specs and images that have been seen to be there; added to. */
  readonly known: Set<string>;
  /** Build sections of the services, by name, and whether those whose images are there are built all the same. */
  readonly sections: readonly BuildSection[];
  readonly rebuild: boolean;
  readonly directory: string;
  /** Pulls the images of these services; whether that went well. */
  readonly pull: (services: readonly string[]) => Promise<boolean>;
}

/** Throws as `acquireTargets`; `ComposeError` "docker-down". */
export async function acquireForCompose(request: AcquireServices): Promise<void> {
  const { terminal, options, services } = request;
  const docker = await dockerEngine(terminal);
  const say = (text: string): void => {
    if (!isQuiet(options, terminal.env)) terminal.stderr.write(`${text}\n`);
  };
  const [missing, capacity] = await Promise.all([missingImages(request, docker, say), docker.capacity()]);
  warnOfCapacity(capacity, say);
  if (missing !== undefined && missing.names.length > 0) {
    const flags = {
      ...options,
      progress: isQuiet(options, terminal.env) ? "quiet" : (BUILD_PROGRESS[options.progress ?? "auto"] ?? "auto"),
      load: true,
    };
    const { acquireTargets } = await import("../command/acquire.ts");
    await acquireTargets(terminal, missing.open, flags, missing.names);
    for (const spec of missing.specs) request.known.add(spec);
  }
  await buildMissing(request, docker, missing?.all ?? new Map());
  if (missing?.isNews) say("==> Delegating to Docker Compose");
  const moving = services.filter(({ name, config }) => isMoving(config.image) && !request.known.has(`pulled ${name}`));
  if (moving.length === 0) return;
  const names = moving.map(({ name }) => name);
  for (const name of names) request.known.add(`pulled ${name}`);
  if (!(await request.pull(names))) say(`warning: the images of ${names.join(", ")} could not be refreshed`);
}

/** Compose, too, builds only what is not there, unless it is told to. */
async function buildMissing(
  { terminal, options, sections, rebuild, directory, known, services }: AcquireServices,
  docker: Awaited<ReturnType<typeof dockerEngine>>,
  specs: ReadonlyMap<string, string>,
): Promise<void> {
  const names = sections.flatMap(({ names: [name = ""] }) => (known.has(`built ${name}`) ? [] : [name]));
  const there = rebuild ? new Set<string>() : await docker.images(names);
  const wanted = sections.filter(({ names: [name = ""] }) => names.includes(name) && !there.has(name));
  if (wanted.length === 0) return;
  const { buildSections } = await import("./build-services.ts");
  const imageOf = (name: string): string | undefined => {
    const config = services.find((service) => service.name === name)?.config;
    // Its own build is none of these where Docker has its image.
    const built = sections.find(({ service }) => service === name)?.names[0];
    return config?.mzbuild === undefined ? (built ?? config?.image) : specs.get(config.mzbuild);
  };
  const specOf = (name: string): string => specs.get(name) ?? name;
  await buildSections({ terminal, options, sections: wanted, imageOf, specOf, directory });
  for (const {
    names: [name = ""],
  } of wanted)
    known.add(`built ${name}`);
}

/** Of Compose's displays those that we have as well. */
const BUILD_PROGRESS: Readonly<Record<string, string>> = {
  tty: "tty",
  plain: "plain",
  quiet: "quiet",
  json: "rawjson",
};

interface Missing {
  readonly open: OpenRepository;
  readonly names: readonly string[];
  readonly specs: readonly string[];
  /** Whether there were images that had not been looked at before. */
  readonly isNews: boolean;
  /** Of all images of the services, by name. */
  readonly all: ReadonlyMap<string, string>;
}

async function missingImages(
  { services, sections, open, known }: AcquireServices,
  docker: Awaited<ReturnType<typeof dockerEngine>>,
  say: (text: string) => void,
): Promise<Missing | undefined> {
  const names = [
    ...new Set([...imagesOf(services), ...sections.flatMap(({ images }) => images.map(({ image }) => image))]),
  ];
  if (names.length === 0) return undefined;
  const opened = withPublish(await open(), services);
  checkImages(services, opened);
  checkContexts(sections, opened);
  const fingerprints = await opened.repository.fingerprints(names, opened.variant);
  const specs = new Map(names.map((name) => [name, opened.specOf(name, fingerprints.get(name) ?? "")]));
  const unknown = [...specs.values()].filter((spec) => !known.has(spec));
  if (unknown.length > 0) {
    say("==> Collecting mzbuild dependencies");
    // With all that they depend on, as the fingerprints have it.
    for (const [name, fingerprint] of fingerprints) say(opened.specOf(name, fingerprint));
  }
  for (const spec of await docker.images(unknown)) known.add(spec);
  const missing = [...specs].filter(([, spec]) => !known.has(spec));
  return {
    open: opened,
    names: missing.map(([name]) => name),
    specs: missing.map(([, spec]) => spec),
    all: specs,
    isNews: unknown.length > 0,
  };
}

/** `publish` of a service goes before that of its image. */
function withPublish(open: OpenRepository, services: readonly Service[]): OpenRepository {
  const publish = new Map(
    services.flatMap(({ config: { mzbuild, publish } }) =>
      mzbuild === undefined || publish === undefined || publish === null ? [] : [[mzbuild, publish] as const],
    ),
  );
  return publish.size === 0 ? open : { ...open, repository: open.repository.withPublish(publish) };
}

const GIB = 1024 ** 3;

function warnOfCapacity(
  { memoryBytes, processors }: { readonly memoryBytes: number; readonly processors: number },
  say: (text: string) => void,
): void {
  if (memoryBytes < 7 * GIB) {
    say(`warning: Docker has ${(memoryBytes / GIB).toFixed(1)} GiB of memory; at least 8 GiB are recommended`);
  }
  if (processors < 2) say("warning: Docker has one processor; at least two are recommended");
}

/** Tags that name something else from one day to the next. */
function isMoving(image: string | undefined): boolean {
  return image !== undefined && [":latest", ":unstable", ":rolling"].some((tag) => image.includes(tag));
}
