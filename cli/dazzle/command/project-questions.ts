/** `mzdazzle project list`, `hash`, `image-name` and `manifest`: what the chunks of a project are called. docs/dazzle.md. */

import {
  type Chunk,
  chunkImageName,
  chunkNamed,
  formatImageName,
  type NamingContext,
  parseTarget,
} from "../../../mzbuild/index.ts";
import type { Terminal } from "../../terminal.ts";
import { requireBase } from "../base-info.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { type OpenProject, openProject } from "../open-project.ts";
import type { DazzleGlobals } from "../options.ts";
import { openRegistry } from "../registry.ts";

export interface ProjectListFlags extends DazzleGlobals {
  readonly combinations?: boolean;
}

/** Names, one a line, of chunks or of combinations. No registry is asked. Throws `BuildError`. */
export async function projectList(
  terminal: Terminal,
  flags: ProjectListFlags,
  engineSide: LoadEngineSide,
): Promise<void> {
  const { project } = await openProject(terminal, flags, engineSide);
  const named = flags.combinations ? project.combinations : project.chunks;
  terminal.stdout.write(named.map(({ name }) => `${name}\n`).join(""));
}

export interface ChunkQuestion {
  readonly terminal: Terminal;
  readonly globals: DazzleGlobals;
  /** The repository that images go to. */
  readonly target: string;
  /** Of chunks; of all of them and the base if empty. */
  readonly names: readonly string[];
  readonly engineSide: LoadEngineSide;
}

/** Hashes with tests, as the reference prints them. Throws `BuildError` and `ClientError`. */
export async function projectHash(question: ChunkQuestion): Promise<void> {
  await printEach(question, (chunk, { hashes, baseRef }) => {
    return `${chunk.name}: ${hashes.hash(chunk, { baseRef, withTests: true })}\n`;
  });
}

export interface ImageNameFlags extends DazzleGlobals {
  readonly type: string;
}

/** `type` is that of `chunkImageName`. Throws as {@link projectHash}. */
export async function projectImageName(question: ChunkQuestion, type: string): Promise<void> {
  await printEach(question, (chunk, naming) => {
    return `${chunk.name}: ${formatImageName(chunkImageName(chunk, type, naming))}\n`;
  });
}

/** The texts that hashes are made of. Throws as {@link projectHash}. */
export async function projectManifest(question: ChunkQuestion): Promise<void> {
  await printEach(question, (chunk, { hashes, baseRef }) => hashes.manifest(chunk, { baseRef, withTests: true }));
}

async function printEach(
  { terminal, globals, target, names, engineSide }: ChunkQuestion,
  textOf: (chunk: Chunk, naming: NamingContext) => string | Uint8Array,
): Promise<void> {
  const open = await openProject(terminal, globals, engineSide);
  const repository = parseTarget(target);
  const chunks = selected(open, names);
  const registry = openRegistry(terminal, engineSide, (text) => terminal.stderr.write(`warning: ${text}\n`));
  const { naming } = await requireBase(open, registry, repository);
  for (const chunk of chunks) terminal.stdout.write(textOf(chunk, naming));
}

/** All chunks, then the base, unless some are named. */
function selected({ project }: OpenProject, names: readonly string[]): readonly Chunk[] {
  if (names.length === 0) return [...project.chunks, project.base];
  return names.map((name) => chunkNamed(project, name, { withBase: true }));
}
