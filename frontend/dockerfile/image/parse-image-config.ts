/**
 * Image configs from JSON, as Go reads them into its structure: keys in any case, null for nothing, unknown fields
 * dropped, and the first value of a wrong type reported with the place in Go's terms.
 * Contract: Go 1.26 encoding/json; the types of image-config.ts.
 */
import { BuildError } from "../../../llb/index.ts";
import { type ContainerConfig, emptyContainerConfig, type Healthcheck, type ImageConfig } from "./image-config.ts";
import { normalizeTime } from "./rfc3339.ts";

/** Where a value is, for messages: the Go struct it is a field of, and the path of the field from the outermost one. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const IMAGE = "DockerOCIImage";
const CONTAINER = "DockerOCIImageConfig";
const HEALTHCHECK = "HealthcheckConfig";

/** Throws `BuildError` "bad-image-config" with the message of Go's decoder. */
export function parseImageConfig(text: string): ImageConfig {
  const value = parseJson(text);
  const top = new Fields(value, undefined, "v1.DockerOCIImage");
  const at = (path: string): Place => ({ struct: IMAGE, path: `Image.${path}` });
  const rootfs = new Fields(top.get("rootfs"), at("rootfs"), "v1.RootFS");
  return {
    created: time(top.get("created")),
    author: textOf(top.get("author"), at("author")),
    platform: {
      architecture: textOf(top.get("architecture"), at("Platform.architecture")),
      os: textOf(top.get("os"), at("Platform.os")),
      osVersion: textOf(top.get("os.version"), at("Platform.os.version")),
      osFeatures: texts(top.get("os.features"), at("Platform.os.features")) ?? [],
      variant: textOf(top.get("variant"), at("Platform.variant")),
    },
    rootfs: {
      type: textOf(rootfs.get("type"), { struct: "RootFS", path: "Image.rootfs.type" }),
      diffIds: texts(rootfs.get("diff_ids"), { struct: "RootFS", path: "Image.rootfs.diff_ids" }, "digest.Digest"),
    },
    history: (list(top.get("history"), at("history"), "v1.History") ?? []).map((entry) => {
      const fields = new Fields(entry, at("history"), "v1.History");
      const of = (name: string): Place => ({ struct: "History", path: `Image.history.${name}` });
      return {
        created: time(fields.get("created")),
        createdBy: textOf(fields.get("created_by"), of("created_by")),
        author: textOf(fields.get("author"), of("author")),
        comment: textOf(fields.get("comment"), of("comment")),
        emptyLayer: flag(fields.get("empty_layer"), of("empty_layer")),
      };
    }),
    config: containerConfig(top.get("config")),
  };
}

function containerConfig(value: Json): ContainerConfig {
  if (value === null) return emptyContainerConfig;
  const fields = new Fields(value, { struct: IMAGE, path: "config" }, "v1.DockerOCIImageConfig");
  const at = (name: string): Place => ({ struct: CONTAINER, path: `config.ImageConfig.${name}` });
  const extension = (name: string): Place => ({
    struct: CONTAINER,
    path: `config.DockerOCIImageConfigExt.${name}`,
  });
  return {
    user: textOf(fields.get("User"), at("User")),
    exposedPorts: names(fields.get("ExposedPorts"), at("ExposedPorts")),
    env: texts(fields.get("Env"), at("Env")) ?? [],
    entrypoint: texts(fields.get("Entrypoint"), at("Entrypoint")) ?? [],
    cmd: texts(fields.get("Cmd"), at("Cmd")) ?? [],
    volumes: names(fields.get("Volumes"), at("Volumes")),
    workingDir: textOf(fields.get("WorkingDir"), at("WorkingDir")),
    labels: new Map(
      entries(fields.get("Labels"), at("Labels"), "map[string]string").map(([key, label]) => [
        key,
        textOf(label, at("Labels")),
      ]),
    ),
    stopSignal: textOf(fields.get("StopSignal"), at("StopSignal")),
    argsEscaped: flag(fields.get("ArgsEscaped"), at("ArgsEscaped")),
    healthcheck: healthcheckConfig(fields.get("Healthcheck"), extension("Healthcheck")),
    onBuild: texts(fields.get("OnBuild"), extension("OnBuild")) ?? [],
    shell: texts(fields.get("Shell"), extension("Shell")) ?? [],
  };
}

function healthcheckConfig(value: Json, place: Place): Healthcheck | undefined {
  if (value === null) return undefined;
  const fields = new Fields(value, place, "v1.HealthcheckConfig");
  const at = (name: string): Place => ({ struct: HEALTHCHECK, path: `${place.path}.${name}` });
  const duration = (name: string): bigint => integer(fields.get(name), at(name), "time.Duration");
  return {
    test: texts(fields.get("Test"), at("Test")) ?? [],
    interval: duration("Interval"),
    timeout: duration("Timeout"),
    startPeriod: duration("StartPeriod"),
    startInterval: duration("StartInterval"),
    retries: integer(fields.get("Retries"), at("Retries"), "int"),
  };
}

/** The fields of an object, found in any case of their name; all null when the value is. */
class Fields {
  private readonly byName = new Map<string, Json>();

  constructor(value: Json, place: Place | undefined, type: string) {
    for (const [key, field] of entries(value, place, type)) {
      // A later field overrides an earlier one of the same name, but null leaves it.
      if (field !== null) this.byName.set(key.toLowerCase(), field);
    }
  }

  get(name: string): Json {
    return this.byName.get(name.toLowerCase()) ?? null;
  }
}

function parseJson(text: string): Json {
  try {
    // What JSON.parse gives is one of these by its own contract.
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw new BuildError("bad-image-config", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function textOf(value: Json, place: Place, type = "string"): string {
  if (value === null) return "";
  return typeof value === "string" ? value : mismatch(value, place, type);
}

function texts(value: Json, place: Place, type = "string"): string[] | undefined {
  return list(value, place, type)?.map((element) => textOf(element, place, type));
}

function list(value: Json, place: Place, elementType: string): readonly Json[] | undefined {
  if (value === null) return undefined;
  return isList(value) ? value : mismatch(value, place, `[]${elementType}`);
}

function names(value: Json, place: Place): Set<string> {
  const all = entries(value, place, "map[string]struct {}");
  for (const [, element] of all) entries(element, place, "struct {}");
  return new Set(all.map(([name]) => name));
}

function entries(value: Json, place: Place | undefined, type: string): [string, Json][] {
  if (value === null) return [];
  if (typeof value !== "object" || isList(value)) return mismatch(value, place, type);
  return Object.entries(value);
}

function flag(value: Json, place: Place): boolean {
  if (value === null) return false;
  return typeof value === "boolean" ? value : mismatch(value, place, "bool");
}

function integer(value: Json, place: Place, type: string): bigint {
  if (value === null) return 0n;
  if (typeof value !== "number") return mismatch(value, place, type);
  const inRange = Number.isInteger(value) && Math.abs(value) < 2 ** 63;
  return inRange ? BigInt(value) : mismatch(value, place, type, `number ${value}`);
}

function time(value: Json): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== "string") {
    throw new BuildError("bad-image-config", "Time.UnmarshalJSON: input is not a JSON string");
  }
  const normalized = normalizeTime(value);
  if ("problem" in normalized) throw new BuildError("bad-image-config", normalized.problem);
  return normalized.time;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function mismatch(value: Json, place: Place | undefined, type: string, description = kindOf(value)): never {
  const where = place === undefined ? "Go value" : `Go struct field ${place.struct}.${place.path}`;
  throw new BuildError("bad-image-config", `json: cannot unmarshal ${description} into ${where} of type ${type}`);
}

function kindOf(value: Json): string {
  if (isList(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
