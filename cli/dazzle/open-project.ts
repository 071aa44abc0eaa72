/** The project that a command works on, read from the disk. */
import { resolve } from "node:path";
import { BuildError } from "../../llb/index.ts";
import { type ChunkHashes, chunkHashes, diskFiles, loadProject, type Project } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";
import type { DazzleGlobals } from "./options.ts";

export interface OpenProject {
  /** Absolute. */
  readonly root: string;
  readonly project: Project;
  readonly hashes: ChunkHashes;
}

export function projectRoot({ cwd }: Terminal, { context }: DazzleGlobals): string {
  return resolve(cwd, context ?? ".");
}

/** Throws `BuildError` for whatever is wrong with the project's files. */
export function openProject(terminal: Terminal, globals: DazzleGlobals): OpenProject {
  const root = projectRoot(terminal, globals);
  try {
    const project = loadProject(diskFiles(root));
    return { root, project, hashes: chunkHashes(project) };
  } catch (error) {
    throw unreadable(error) ?? error;
  }
}

/** A file that can't be read is told of as such, and not as a defect. */
function unreadable(error: unknown): BuildError | undefined {
  if (error instanceof BuildError || !(error instanceof Error) || !("syscall" in error)) return undefined;
  return new BuildError("unreadable-file", error.message, { cause: error });
}
