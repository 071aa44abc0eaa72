/** Manifests and configs as registries hand them over: checked for what is used of them, for they are anybody's. */
import { BuildError } from "../../llb/index.ts";
import { INDEX_TYPES, type OciConfig, type OciDescriptor, type OciManifest } from "./oci-image.ts";

type Json = Readonly<Record<string, unknown>>;

/** An image for several platforms. */
export interface OciIndex {
  readonly manifests: readonly OciDescriptor[];
}

/** What a tag names. Throws `BuildError` "bad-image". */
export function readManifest(reference: string, bytes: Uint8Array): OciManifest | OciIndex {
  const value = parse(reference, bytes);
  const mediaType = value["mediaType"];
  if (Array.isArray(value["manifests"]) || (typeof mediaType === "string" && INDEX_TYPES.includes(mediaType))) {
    return { manifests: descriptors(reference, value["manifests"]) };
  }
  const [config] = descriptors(reference, [value["config"]]);
  if (config === undefined) throw badImage(reference, "its manifest has no config");
  return {
    schemaVersion: 2,
    ...(typeof mediaType === "string" ? { mediaType } : {}),
    config,
    layers: descriptors(reference, value["layers"] ?? []),
    ...(isObject(value["annotations"]) ? { annotations: texts(value["annotations"]) } : {}),
  };
}

/** Throws `BuildError` "bad-image". */
export function readConfig(reference: string, bytes: Uint8Array): OciConfig {
  const value = parse(reference, bytes);
  const rootfs = value["rootfs"];
  const diffIds = isObject(rootfs) ? (rootfs["diff_ids"] ?? []) : undefined;
  if (!isObject(rootfs) || !isTexts(diffIds)) throw badImage(reference, "its config lists no layers");
  const history = value["history"] ?? [];
  if (!Array.isArray(history)) throw badImage(reference, "its config has an impossible history");
  const config = value["config"];
  // The rest is copied as it is; where a field has another type than the contract says, so has the copy.
  return {
    ...(value as object as OciConfig),
    architecture: textOf(value["architecture"]),
    os: textOf(value["os"]),
    config: isObject(config) ? (config as OciConfig["config"]) : {},
    rootfs: { type: textOf(rootfs["type"]), diff_ids: diffIds },
    history: history as OciConfig["history"],
  };
}

function descriptors(reference: string, value: unknown): readonly OciDescriptor[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw badImage(reference, "its manifest lists no layers");
  return value.map((entry: unknown): OciDescriptor => {
    if (!isObject(entry) || typeof entry["digest"] !== "string" || typeof entry["size"] !== "number") {
      throw badImage(reference, "its manifest has an impossible entry");
    }
    return { ...(entry as object as OciDescriptor), mediaType: textOf(entry["mediaType"]) };
  });
}

function parse(reference: string, bytes: Uint8Array): Json {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isObject(value)) return value;
  } catch {
    // Told below, as what is no object.
  }
  throw badImage(reference, "what the registry has there is no JSON object");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function texts(value: Json): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text)]));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function badImage(reference: string, what: string): BuildError {
  return new BuildError("bad-image", `${reference} can't be used: ${what}`);
}
