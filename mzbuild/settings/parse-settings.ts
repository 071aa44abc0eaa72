/** The settings file to {@link Settings}. Strict: the file is ours, so what is unknown in it is a mistake. docs/settings.md. */
import { BuildError, parseImageReference } from "../../llb/index.ts";
import type { Located } from "../image.ts";
import { compilePathspec } from "../pathspec.ts";
import { ARCHITECTURES, PROFILES, SANITIZERS } from "../variant.ts";
import { parseYaml } from "../yaml/parse-yaml.ts";
import { plainValue } from "../yaml/plain-value.ts";
import type { YamlNode } from "../yaml/yaml-node.ts";
import { readAccess } from "./read-access.ts";
import {
  type BaseImage,
  type CargoFlags,
  type ComposeSettings,
  type PublishSettings,
  SETTINGS_FILE,
  type Settings,
} from "./settings.ts";
import { ValueReader } from "./value-reader.ts";

/** Throws `BuildError` "bad-yaml", or "bad-settings" with the places of all problems. */
export function parseSettings(bytes: Uint8Array): Settings {
  const reader = new ValueReader();
  const keys = ["registry", "image-prefix", "profile", "builder", "bases", "publish", "cargo", "compose"] as const;
  const fields = reader.fields(parseYaml(SETTINGS_FILE, bytes), SETTINGS_FILE, keys);
  const registry = reader.string(fields.get("registry"), "registry");
  if (registry?.value.endsWith("/"))
    reader.problem("registry must not end with a slash", registry.at, "leave the slash out");
  const settings = {
    registry: registry?.value,
    imagePrefix: reader.string(fields.get("image-prefix"), "image-prefix")?.value,
    profile: reader.oneOf(fields.get("profile"), "profile", PROFILES),
    builder: reader.string(fields.get("builder"), "builder"),
    bases: readBases(reader, fields.get("bases")),
    publish: readPublish(reader, fields.get("publish")),
    ...readCargo(reader, fields.get("cargo")),
    compose: readCompose(reader, fields.get("compose")),
  };
  reader.finish("bad-settings");
  return settings;
}

function readBases(reader: ValueReader, node: YamlNode | undefined): ReadonlyMap<string, BaseImage> {
  const bases = new Map<string, BaseImage>();
  for (const [reference, value] of reader.entries(node, "bases")) {
    const parsed = parseImageReference(reference.value);
    if (parsed.kind === "invalid") reader.problem(parsed.message, reference.at, "write it as the Dockerfiles do");
    const fields = reader.fields(value, `bases of ${reference.value}`, ["debootstrap", "include", "mirror"]);
    const suite = reader.string(fields.get("debootstrap"), "debootstrap");
    if (suite === undefined && !fields.has("debootstrap")) {
      reader.problem(
        `bases of ${reference.value} misses debootstrap`,
        reference.at,
        "name a Debian release: `debootstrap: trixie`",
      );
    }
    bases.set(reference.value, {
      at: reference.at,
      debootstrap: suite?.value ?? "",
      include: reader.strings(fields.get("include"), "include").map((name) => name.value),
      mirror: reader.string(fields.get("mirror"), "mirror")?.value,
    });
  }
  return bases;
}

function readPublish(reader: ValueReader, node: YamlNode | undefined): PublishSettings {
  const fields = reader.fields(node, "publish", ["registries", "version-crate"]);
  const registries = reader.strings(fields.get("registries"), "registries");
  for (const { value, at } of registries) {
    if (value === "" || value.endsWith("/")) {
      reader.problem("a registry must not be empty or end with a slash", at, "such as ghcr.io/acme");
    }
  }
  return {
    registries: registries.map(({ value }) => value),
    versionCrate: reader.string(fields.get("version-crate"), "version-crate")?.value,
  };
}

function readCompose(reader: ValueReader, node: YamlNode | undefined): ComposeSettings {
  const fields = reader.fields(node, "compose", ["volumes"]);
  const volumes = reader.entries(fields.get("volumes"), "volumes");
  return { volumes: Object.fromEntries(volumes.map(([name, value]) => [name.value, plainValue(value)])) };
}

const RESULT_KEYS = ["inputs", "rustflags", "env", "target", "coverage", "sanitizer"] as const;
const ACCESS_KEYS = ["secrets", "ssh", "sccache"] as const;

function readCargo(reader: ValueReader, node: YamlNode | undefined): Pick<Settings, "cargo" | "cargoAccess"> {
  const fields = reader.fields(node, "cargo", [...RESULT_KEYS, ...ACCESS_KEYS]);
  const cargoAccess = readAccess(reader, fields);
  // A section about access alone leaves fingerprints as they are without it; an empty one does not.
  const aboutResults = RESULT_KEYS.some((key) => fields.has(key)) || fields.size === 0;
  if (node === undefined || !aboutResults) return { cargo: undefined, cargoAccess };
  const cargo = {
    inputs: readPathspecs(reader, fields.get("inputs")),
    always: { rustflags: rustflags(reader, fields.get("rustflags")), env: environment(reader, fields.get("env")) },
    target: flagsByName(reader, fields.get("target"), "target", ARCHITECTURES),
    coverage: readFlags(reader, fields.get("coverage"), "coverage"),
    sanitizer: flagsByName(reader, fields.get("sanitizer"), "sanitizer", SANITIZERS),
  };
  return { cargo, cargoAccess };
}

function readPathspecs(reader: ValueReader, node: YamlNode | undefined): readonly Located<string>[] {
  const pathspecs = reader.strings(node, "inputs");
  for (const { value, at } of pathspecs) {
    try {
      compilePathspec(value);
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      reader.problem(error.message, at, error.hint);
    }
  }
  return pathspecs;
}

function flagsByName<Name extends string>(
  reader: ValueReader,
  node: YamlNode | undefined,
  what: string,
  names: readonly Name[],
): ReadonlyMap<Name, CargoFlags> {
  const fields = reader.fields(node, what, names);
  return new Map([...fields].map(([name, value]) => [name, readFlags(reader, value, `${what} ${name}`)]));
}

function readFlags(reader: ValueReader, node: YamlNode | undefined, what: string): CargoFlags {
  const fields = reader.fields(node, what, ["rustflags", "env"]);
  return { rustflags: rustflags(reader, fields.get("rustflags")), env: environment(reader, fields.get("env")) };
}

function rustflags(reader: ValueReader, node: YamlNode | undefined): readonly string[] {
  return reader.strings(node, "rustflags").map(({ value }) => value);
}

function environment(reader: ValueReader, node: YamlNode | undefined): ReadonlyMap<string, string> {
  return reader.texts(node, "env");
}
