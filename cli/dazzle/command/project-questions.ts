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

/** Hashes with tests, as the reference prints them. Throws `BuildError` and `ClientError`. */
export async function projectHash(
  terminal: Terminal,
  globals: DazzleGlobals,
  target: string,
  names: readonly string[],
  engineSide: LoadEngineSide,
): Promise<void> {
  const { chunks, naming } = await namedChunks(terminal, globals, target, names, engineSide);
  const { hashes, baseRef } = naming;
  for (const chunk of chunks) {
    terminal.stdout.write(`${chunk.name}: ${hashes.hash(chunk, { baseRef, withTests: true })}\n`);
  }
}

export interface ImageNameFlags extends DazzleGlobals {
  readonly type: string;
}

export async function projectImageName(
  terminal: Terminal,
  flags: ImageNameFlags,
  target: string,
  names: readonly string[],
  engineSide: LoadEngineSide,
): Promise<void> {
  const { chunks, naming } = await namedChunks(terminal, flags, target, names, engineSide);
  for (const chunk of chunks) {
    terminal.stdout.write(`${chunk.name}: ${formatImageName(chunkImageName(chunk, flags.type, naming))}\n`);
  }
}

/** The texts that hashes are made of. */
export async function projectManifest(
  terminal: Terminal,
  globals: DazzleGlobals,
  target: string,
  names: readonly string[],
  engineSide: LoadEngineSide,
): Promise<void> {
  const { chunks, naming } = await namedChunks(terminal, globals, target, names, engineSide);
  const { hashes, baseRef } = naming;
  for (const chunk of chunks) terminal.stdout.write(hashes.manifest(chunk, { baseRef, withTests: true }));
}

async function namedChunks(
  terminal: Terminal,
  globals: DazzleGlobals,
  target: string,
  names: readonly string[],
  engineSide: LoadEngineSide,
): Promise<{ readonly chunks: readonly Chunk[]; readonly naming: NamingContext }> {
  const open = await openProject(terminal, globals, engineSide);
  const repository = parseTarget(target);
  const chunks = selected(open, names);
  const { naming } = await requireBase(
    open,
    openRegistry(terminal, engineSide, (text) => terminal.stderr.write(`warning: ${text}\n`)),
    repository,
  );
  return { chunks, naming };
}

/** All chunks, then the base, unless some are named. */
function selected({ project }: OpenProject, names: readonly string[]): readonly Chunk[] {
  if (names.length === 0) return [...project.chunks, project.base];
  return names.map((name) => chunkNamed(project, name, { withBase: true }));
}
