/**
 * A dazzle project as its files have it: a base, chunks that are built on it, and combinations of them. docs/dazzle.md.
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/project.go (`LoadFromDir`, `loadChunks`).
 */
import { BuildError } from "../../llb/index.ts";
import { didYouMean } from "../nearest-names.ts";
import { readVariants, VARIANTS_FILE } from "./chunk-variants.ts";
import { type Combination, resolveCombinations } from "./combinations.ts";
import { ignoreList } from "./ignore-list.ts";
import { PROJECT_FILE, type ProjectConfig, readProjectConfig } from "./project-config.ts";
import type { ProjectFiles } from "./project-files.ts";
import { readTests, type TestSpec } from "./test-spec.ts";

export const BASE_DIRECTORY = "base";

export interface Chunk {
  /** `NAME`, or `NAME:VARIANT`. */
  readonly name: string;
  /** Of its context, relative to the project; latin1 as of {@link ProjectFiles}. */
  readonly directory: string;
  /** The name of its Dockerfile there. */
  readonly dockerfileName: string;
  readonly dockerfile: Uint8Array;
  /** Build arguments of the variant. */
  readonly args: ReadonlyMap<string, string>;
  readonly tests: readonly TestSpec[];
}

export interface Project {
  readonly files: ProjectFiles;
  readonly config: ProjectConfig;
  readonly base: Chunk;
  /** In the order in which they are built and listed; ignored ones are left out. */
  readonly chunks: readonly Chunk[];
  /** By name. */
  readonly combinations: readonly Combination[];
}

/** Reads and checks everything, whatever is wanted of it. Throws `BuildError`. */
export function loadProject(files: ProjectFiles): Project {
  const configText = files.read(PROJECT_FILE);
  if (configText === undefined)
    throw missing(PROJECT_FILE, "this is no dazzle project: mzdazzle project init starts one");
  const config = readProjectConfig(configText);
  const combinations = resolveCombinations(config.combinations);
  const [base, ...others] = loadChunks(files, "", BASE_DIRECTORY);
  if (base === undefined || others.length > 0) {
    throw new BuildError("bad-base", "base must have exactly one variant", { hint: `see base/${VARIANTS_FILE}` });
  }
  const entries = files.list("chunks");
  if (entries === undefined) throw missing("chunks", "the directory has to be there, and may be empty");
  const isIgnored = ignoreList(config.ignore);
  const chunks = entries
    .filter(({ name, isDirectory }) => isDirectory && !/^[_.]/.test(name))
    .flatMap(({ name }) => loadChunks(files, "chunks/", name))
    .filter(({ name }) => !isIgnored(name));
  return { files, config, base, chunks, combinations };
}

/** Throws `BuildError` "unknown-chunk". `base` is accepted where `withBase` says so. */
export function chunkNamed(project: Project, name: string, { withBase = false } = {}): Chunk {
  if (withBase && name === "base") return project.base;
  const chunk = project.chunks.find((candidate) => candidate.name === name);
  if (chunk !== undefined) return chunk;
  const variants = project.chunks.filter((candidate) => candidate.name.startsWith(`${name}:`));
  const hint =
    variants.length > 0
      ? `it has variants: ${variants.map((variant) => variant.name).join(", ")}`
      : didYouMean(
          name,
          project.chunks.map((candidate) => candidate.name),
        );
  throw new BuildError("unknown-chunk", `chunk ${name} not found`, hint === undefined ? {} : { hint });
}

function loadChunks(files: ProjectFiles, parent: string, directoryName: string): readonly Chunk[] {
  const directory = parent + directoryName;
  const name = utf8(directoryName);
  const variantsPath = `${directory}/${VARIANTS_FILE}`;
  const variantsText = files.read(variantsPath);
  if (variantsText === undefined) return [loadChunk(files, directory, name, undefined)];
  return readVariants(utf8(variantsPath), variantsText).map((variant) => ({
    ...loadChunk(files, directory, name, variant),
    name: `${name}:${variant.name}`,
  }));
}

function loadChunk(
  files: ProjectFiles,
  directory: string,
  name: string,
  variant: { readonly args: ReadonlyMap<string, string>; readonly dockerfile: string } | undefined,
): Chunk {
  const dockerfileName = variant?.dockerfile || "Dockerfile";
  const path = `${directory}/${Buffer.from(dockerfileName, "utf8").toString("latin1")}`;
  const dockerfile = files.read(path);
  if (dockerfile === undefined) {
    throw missing(utf8(path), `${utf8(directory)} has to have a ${dockerfileName}, or a name that starts with _`);
  }
  const testsPath = `tests/${Buffer.from(name, "utf8").toString("latin1")}.yaml`;
  const tests = files.read(testsPath);
  return {
    name,
    directory,
    dockerfileName,
    dockerfile,
    args: variant?.args ?? new Map(),
    tests: tests === undefined ? [] : readTests(utf8(testsPath), tests),
  };
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

function missing(path: string, hint: string): BuildError {
  return new BuildError("not-a-project", `open ${path}: no such file or directory`, { hint });
}
