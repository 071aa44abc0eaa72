/** The `build` section of a service as a build of the Dockerfile frontend: docs.docker.com/reference/compose-file/build. Pure. */
import { basename, dirname, isAbsolute, join } from "node:path";
import type { Json, JsonObject, Service } from "../../compose/index.ts";
import { ComposeError } from "./compose-error.ts";
import { isJsonObject } from "./json-object.ts";

export interface BuildSection {
  readonly service: string;
  /** The image's name, and further ones. */
  readonly names: readonly string[];
  /** A directory (absolute), or what the daemon fetches: a git repository, an archive. */
  readonly context: { readonly directory: string } | { readonly remote: string };
  readonly dockerfile: { readonly directory: string } | { readonly inline: string };
  /** Attributes of the frontend: target, arguments, labels and so on. */
  readonly attrs: Readonly<Record<string, string>>;
  /** `NAME=VALUE`, as `--build-context` has it. */
  readonly contexts: readonly string[];
  /** Services whose images are contexts, and the names of these. */
  readonly needs: readonly { readonly context: string; readonly service: string }[];
  /** Images of the repository that are contexts, by their names in there. */
  readonly images: readonly { readonly context: string; readonly image: string }[];
  /** Several make one image for all of them; none leaves it to the engine, whose own is what runs here. */
  readonly platforms: readonly string[];
  /** What the build may do besides: `security.insecure`, `network.host`, … */
  readonly entitlements: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly secrets: readonly {
    readonly id: string;
    readonly file: string | undefined;
    readonly variable: string | undefined;
  }[];
  readonly ssh: readonly string[];
}

export interface SectionPlace {
  readonly project: string;
  /** Absolute; what relative paths are relative to. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Compose's top-level `secrets`. */
  readonly secrets: JsonObject;
  /** Whether the image is to run here, and so is built for one platform only. */
  readonly toRun: boolean;
}

/** What is understood of it; the rest changes nothing about what is built here, or is refused. */
const KEYS = [
  "additional_contexts",
  "args",
  "cache_from",
  "cache_to",
  "context",
  "dockerfile",
  "dockerfile_inline",
  "entitlements",
  "extra_hosts",
  "isolation",
  "labels",
  "network",
  "no_cache",
  "platforms",
  "privileged",
  "provenance",
  "pull",
  "sbom",
  "secrets",
  "shm_size",
  "ssh",
  "tags",
  "target",
  "ulimits",
];

/** Undefined where the service has none. Throws `ComposeError` "bad-composition". */
export function buildSection({ name, config }: Service, place: SectionPlace): BuildSection | undefined {
  const given = config["build"];
  if (given === undefined || given === null || config.mzbuild !== undefined) return undefined;
  const section: JsonObject = isJsonObject(given) ? given : { context: String(given) };
  const unknown = Object.keys(section).find((key) => !KEYS.includes(key) && !key.startsWith("x-"));
  if (unknown !== undefined) throw refused(name, `${unknown} is not supported in builds of mzcompose`);
  const context = String(section["context"] ?? ".");
  const remote = REMOTE.test(context);
  const contextDirectory = absolute(context, place.directory);
  const file = String(section["dockerfile"] ?? "Dockerfile");
  const path = remote ? file : absolute(file, contextDirectory);
  const inline = section["dockerfile_inline"];
  const named = pairs(section["additional_contexts"]);
  const image = config.image ?? `${place.project}-${name}`;
  return {
    service: name,
    names: [image, ...list(section["tags"])],
    context: remote ? { remote: context } : { directory: contextDirectory },
    dockerfile: typeof inline === "string" ? { inline } : { directory: dirname(path) },
    attrs: {
      filename: typeof inline === "string" ? "Dockerfile" : remote ? file : basename(path),
      ...(remote ? { context } : {}),
      ...attributesOf(section, place),
    },
    contexts: named.flatMap(([key, value]) =>
      value.startsWith(SERVICE) || value.startsWith(IMAGE) ? [] : [`${key}=${value}`],
    ),
    needs: named.flatMap(([context, value]) =>
      value.startsWith(SERVICE) ? [{ context, service: value.slice(SERVICE.length) }] : [],
    ),
    images: named.flatMap(([context, value]) =>
      value.startsWith(IMAGE) ? [{ context, image: value.slice(IMAGE.length) }] : [],
    ),
    platforms: platformsOf(name, config, section, place),
    entitlements: [
      ...new Set([
        ...list(section["entitlements"]),
        ...(section["privileged"] === true ? ["security.insecure"] : []),
        // As buildx has it of builds that are on it (docker/buildx v0.37.0: build/opt.go).
        ...(section["network"] === "host" ? ["network.host"] : []),
      ]),
    ],
    cacheFrom: list(section["cache_from"]),
    cacheTo: list(section["cache_to"]),
    secrets: secretsOf(name, section["secrets"], place),
    ssh: pairs(section["ssh"]).map(([key, value]) => (value === "" ? key : `${key}=${value}`)),
  };
}

const SERVICE = "service:";
/** Ours; what has such a beginning, Compose hands on as it is. */
const IMAGE = "mzbuild://";
/** As Compose tells a repository or an archive from a directory. */
const REMOTE = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/;

/**
 * As Compose chooses them (docker/compose v2.40.3: pkg/compose/build.go, applyPlatforms): that of the service, or all that the section
 * names; of several none where the image is to run.
 */
function platformsOf(
  service: string,
  { platform }: Service["config"],
  section: JsonObject,
  { env, toRun }: SectionPlace,
): readonly string[] {
  const all = list(section["platforms"]);
  const own = typeof platform === "string" && platform !== "" ? platform : env["DOCKER_DEFAULT_PLATFORM"] || undefined;
  if (own !== undefined) {
    if (all.length > 0 && !all.includes(own)) {
      throw refused(service, `platforms has ${all.join(" and ")}, but not ${own}, on which the service runs`);
    }
    if (toRun || all.length === 0) return [own];
  }
  return toRun && all.length > 1 ? [] : all;
}

function attributesOf(section: JsonObject, { env }: SectionPlace): Readonly<Record<string, string>> {
  const text = (key: string): string | undefined => {
    const value = section[key];
    return value === undefined || value === null ? undefined : String(value);
  };
  const network = text("network");
  const hosts = pairs(section["extra_hosts"], undefined, /[=:]/).map(([host, address]) => `${host}=${address}`);
  const ulimits = Object.entries(isJsonObject(section["ulimits"]) ? section["ulimits"] : {}).map(([limit, value]) =>
    isJsonObject(value) ? `${limit}=${String(value["soft"])}:${String(value["hard"])}` : `${limit}=${String(value)}`,
  );
  return defined({
    target: text("target"),
    "no-cache": section["no_cache"] === true ? "" : undefined,
    "image-resolve-mode": section["pull"] === true ? "pull" : undefined,
    "force-network-mode": network === "default" ? undefined : network,
    "shm-size": text("shm_size"),
    "add-hosts": hosts.length === 0 ? undefined : hosts.join(","),
    ulimit: ulimits.length === 0 ? undefined : ulimits.join(","),
    ...prefixed("build-arg:", pairs(section["args"], env)),
    ...prefixed("label:", pairs(section["labels"])),
  });
}

function secretsOf(
  service: string,
  given: Json | undefined,
  { secrets, directory }: SectionPlace,
): BuildSection["secrets"] {
  const entries = Array.isArray(given) ? given : [];
  return entries.map((entry) => {
    const source = isJsonObject(entry) ? String(entry["source"]) : String(entry);
    const target = isJsonObject(entry) ? entry["target"] : undefined;
    const declared = secrets[source];
    if (!isJsonObject(declared)) throw refused(service, `there is no secret ${source}`);
    const { file, environment } = declared;
    return {
      id: basename(typeof target === "string" ? target : source),
      file: typeof file === "string" ? absolute(file, directory) : undefined,
      variable: typeof environment === "string" ? environment : undefined,
    };
  });
}

/** A mapping, or a list of `KEY=VALUE`. A key alone has its value from `env`, or is left out; without `env` its value is empty. */
function pairs(
  value: Json | undefined,
  env?: SectionPlace["env"],
  separator: RegExp = /=/,
): readonly (readonly [string, string])[] {
  const entries = isJsonObject(value) ? Object.entries(value) : list(value).map((text) => splitAt(text, separator));
  return entries.flatMap(([key, given]): readonly (readonly [string, string])[] => {
    const own = given ?? (env === undefined ? "" : env[key]);
    if (own === undefined) return [];
    return Array.isArray(own) ? own.map((each) => [key, String(each)]) : [[key, String(own)]];
  });
}

function splitAt(text: string, separator: RegExp): readonly [string, string | undefined] {
  const at = text.search(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function prefixed(prefix: string, entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map(([key, value]) => [prefix + key, value]));
}

function list(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function defined(attrs: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(attrs).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function absolute(path: string, directory: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}

function refused(service: string, message: string): ComposeError {
  return new ComposeError("bad-composition", `service ${service}: build: ${message}`);
}
