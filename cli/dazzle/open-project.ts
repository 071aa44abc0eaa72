/** The project that a command works on, read from the disk. */
import { resolve } from "node:path";
import { BuildError } from "../../llb/index.ts";
import { type ChunkHashes, chunkHashes, diskFiles, loadProject, type Project } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";
import type { LoadEngineSide } from "./engine-side.ts";
import type { DazzleGlobals } from "./options.ts";

export interface OpenProject {
  /** Absolute. */
  readonly root: string;
  readonly project: Project;
  readonly hashes: ChunkHashes;
  /** Images of the repository around the project that its base is built on. */
  readonly baseImages: readonly string[];
}

export function projectRoot({ cwd }: Terminal, { context }: DazzleGlobals): string {
  return resolve(cwd, context ?? ".");
}

/** Throws `BuildError` for whatever is wrong with the project's files. */
export async function openProject(
  terminal: Terminal,
  globals: DazzleGlobals,
  engineSide: LoadEngineSide,
): Promise<OpenProject> {
  const root = projectRoot(terminal, globals);
  try {
    const loaded = loadProject(diskFiles(root));
    if (!/^MZFROM/m.test(Buffer.from(loaded.base.dockerfile).toString("latin1"))) {
      return { root, project: loaded, hashes: chunkHashes(loaded), baseImages: [] };
    }
    const { mzfromBase } = await engineSide();
    const { project, images } = await mzfromBase(terminal, root, loaded);
    return { root, project, hashes: chunkHashes(project), baseImages: images };
  } catch (error) {
    throw unreadable(error) ?? error;
  }
}

/** A file that can't be read is told of as such, and not as a defect. */
function unreadable(error: unknown): BuildError | undefined {
  if (error instanceof BuildError || !(error instanceof Error) || !("syscall" in error)) return undefined;
  return new BuildError("unreadable-file", error.message, { cause: error });
}
