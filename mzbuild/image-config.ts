/**
 * `mzbuild.yml` and the Dockerfile next to it, to an {@link Image}. docs/format.md, "mzbuild.yml".
 *
 * As lenient as the format: unknown keys are ignored, and what is wrong with a pre-image's values, short of the few things
 * that are checked at once, only matters when the image's inputs are needed (`fault`).
 */
import { posix } from "node:path";
import { BuildError, type SourceRange } from "../llb/index.ts";
import { sortedByCodePoint } from "./code-point-order.ts";
import type { CargoBuildPreImage, CargoExtract, CopyPreImage, Image, Located, PreImage } from "./image.ts";
import { scanMzfrom } from "./mzfrom.ts";
import { didYouMean } from "./nearest-names.ts";
import { parseYaml } from "./yaml/parse-yaml.ts";
import { pythonStr, pythonTruth } from "./yaml/python-text.ts";
import { describeKind, entryOf, type YamlMapping, type YamlNode } from "./yaml/yaml-node.ts";

/** Reads one image. `path` is the directory; `dockerfile` is undefined where there is none. Throws `BuildError`. */
export function parseImage(path: string, config: Uint8Array, dockerfile: Uint8Array | undefined): Image {
  const file = `${path}/mzbuild.yml`;
  const document = parseYaml(file, config);
  if (document.kind !== "mapping") {
    throw bad(`${file} must be a mapping, and is ${describeKind(document)}`, document.at, "begin with `name: NAME`");
  }
  const name = imageName(path, document);
  if (dockerfile === undefined) {
    throw new BuildError("missing-file", `${path}/Dockerfile not found`, {
      at: [name.at],
      hint: "every image has a Dockerfile next to its mzbuild.yml",
    });
  }
  const mzfrom = scanMzfrom(`${path}/Dockerfile`, dockerfile);
  const description = entryOf(document, "description")?.value;
  return {
    name: name.value,
    at: name.at,
    path,
    description: description === undefined || description.kind === "null" ? undefined : pythonStr(description),
    publish: truthOf(document, "publish"),
    mainline: truthOf(document, "mainline"),
    preImages: preImages(file, path, document),
    buildArgs: entryOf(document, "build-args")?.value,
    declaration: config,
    dockerfile,
    mzfrom,
    dependencies: sortedByCodePoint(new Set(mzfrom.map(({ value }) => value))),
  };
}

/**
 * The name that the text of an `mzbuild.yml` gives to its image; undefined where it gives none. `file` is for places. Throws
 * `BuildError` for what is no YAML.
 */
export function nameInConfig(file: string, config: Uint8Array): string | undefined {
  const document = parseYaml(file, config);
  const name = document.kind === "mapping" ? entryOf(document, "name")?.value : undefined;
  return name?.kind === "string" && name.value !== "" ? name.value : undefined;
}

function imageName(path: string, document: YamlMapping): Located<string> {
  const entry = entryOf(document, "name");
  if (entry === undefined) throw bad(`config at ${path} missing name`, document.at, "add `name: NAME`");
  const { value: node } = entry;
  if (node.kind !== "string") {
    throw bad(`the name in ${path}/mzbuild.yml must be a string, and is ${describeKind(node)}`, node.at, "quote it");
  }
  if (node.value === "") throw bad(`config at ${path} missing name`, node.at, "write a name");
  const offender = /[^A-Za-z0-9-]/u.exec(node.value);
  if (offender !== null) {
    const rule = "contains invalid character; only alphanumerics and hyphens allowed";
    throw bad(`mzbuild image name ${node.value} ${rule}`, node.at, `${JSON.stringify(offender[0])} is not allowed`);
  }
  return { value: node.value, at: node.at };
}

function truthOf(mapping: YamlMapping, key: string): boolean {
  const entry = entryOf(mapping, key);
  return entry === undefined || pythonTruth(entry.value);
}

function preImages(file: string, path: string, document: YamlMapping): readonly PreImage[] {
  const node = entryOf(document, "pre-image")?.value;
  if (node === undefined) return [];
  if (node.kind !== "sequence") {
    throw bad(
      `pre-image in ${file} must be a list, and is ${describeKind(node)}`,
      node.at,
      "begin each step with `- type: …`",
    );
  }
  return node.items.map((item) => {
    if (item.kind !== "mapping") throw bad(`a pre-image must be a mapping, and is ${describeKind(item)}`, item.at);
    return preImage(path, item);
  });
}

function preImage(path: string, step: YamlMapping): PreImage {
  const type = entryOf(step, "type")?.value;
  if (type?.kind === "string" && type.value === "copy") return copyStep(step);
  if (type?.kind === "string" && type.value === "cargo-build") return cargoBuildStep(step);
  const hint = type?.kind === "string" ? didYouMean(type.value, ["copy", "cargo-build"]) : undefined;
  const message = `mzbuild config in ${path} has unknown pre-image type`;
  throw bad(message, (type ?? step).at, hint ?? "the types are `copy` and `cargo-build`");
}

function copyStep(step: YamlMapping): CopyPreImage {
  const fault = new Faults();
  const source = fault.string(required(step, "source"), "source");
  const destination = fault.string(required(step, "destination"), "destination");
  const pattern = entryOf(step, "matching")?.value;
  const matching = pattern === undefined ? { value: "*", at: step.at } : fault.string(pattern, "matching");
  const normalised = posix.normalize(source.value).replace(/(?<=.)\/$/, "");
  if (normalised.startsWith("/") || /^\.\.(?:\/|$)/.test(normalised)) {
    fault.add(
      bad("source must be a directory of the repository", source.at, "write it relative to the repository's root"),
    );
  }
  const target = posix.normalize(destination.value);
  if (target.startsWith("/") || /^\.\.(?:\/|$)/.test(target)) {
    fault.add(
      bad("destination must be inside the image's directory", destination.at, "write it relative to mzbuild.yml"),
    );
  }
  return {
    kind: "copy",
    at: step.at,
    source: { ...source, value: normalised },
    destination,
    matching,
    fault: fault.first,
  };
}

function required(step: YamlMapping, key: "source" | "destination"): YamlNode {
  const node = entryOf(step, key)?.value;
  if (node !== undefined && node.kind !== "null") return node;
  throw bad(`mzbuild config is missing '${key}' argument`, (node ?? step).at, `add \`${key}: DIRECTORY\``);
}

function cargoBuildStep(step: YamlMapping): CargoBuildPreImage {
  const fault = new Faults();
  const bins = fault.strings(entryOf(step, "bin")?.value, "bin");
  const examples = fault.strings(entryOf(step, "example")?.value, "example");
  if (bins.length === 0 && examples.length === 0 && fault.first === undefined) {
    throw bad(
      "mzbuild config is missing pre-build target",
      step.at,
      "name a binary with `bin:` or an example with `example:`",
    );
  }
  return {
    kind: "cargo-build",
    at: step.at,
    bins,
    examples,
    features: fault.strings(entryOf(step, "features")?.value, "features"),
    strip: truthOf(step, "strip"),
    extract: fault.extract(entryOf(step, "extract")?.value),
    fault: fault.first,
  };
}

/** Reads values of a step, remembering the first that is of the wrong kind. */
class Faults {
  first: BuildError | undefined;

  add(fault: BuildError): void {
    this.first ??= fault;
  }

  string(node: YamlNode, what: string): Located<string> {
    if (node.kind === "string") return { value: node.value, at: node.at };
    this.add(bad(`${what} must be a string, and is ${describeKind(node)}`, node.at, "quote it"));
    return { value: pythonStr(node), at: node.at };
  }

  strings(node: YamlNode | undefined, what: string): readonly Located<string>[] {
    if (node === undefined) return [];
    return (node.kind === "sequence" ? node.items : [node]).map((item) => this.string(item, what));
  }

  extract(node: YamlNode | undefined): readonly CargoExtract[] {
    return this.#mapping(node, "extract").flatMap(([packageName, files]) =>
      this.#mapping(files, "extract of a package").map(([source, destination]) => ({
        package: packageName,
        source,
        destination: this.string(destination, "an extract's destination"),
      })),
    );
  }

  #mapping(node: YamlNode | undefined, what: string): readonly (readonly [Located<string>, YamlNode])[] {
    if (node === undefined) return [];
    if (node.kind === "mapping")
      return node.entries.map(({ key, value }) => [this.string(key, `a key of ${what}`), value]);
    this.add(bad(`${what} must be a mapping, and is ${describeKind(node)}`, node.at));
    return [];
  }
}

function bad(message: string, at: SourceRange, hint?: string): BuildError {
  return new BuildError("bad-image-config", message, { at: [at], ...(hint === undefined ? {} : { hint }) });
}
