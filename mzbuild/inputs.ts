/**
 * The inputs of an image: the files that its fingerprint covers. docs/format.md, "Inputs". Pure: from a listing and the
 * declarations to candidates; which of them are there is for the source tree to say.
 */
import { posix } from "node:path";
import { BuildError } from "../llb/index.ts";
import { type CargoFacts, programFiles } from "./cargo/facts.ts";
import { LOCK_FILE, ROOT_MANIFEST } from "./cargo/workspace.ts";
import { pathsBelow, pathsOwnedBy, type SortedPaths, sortedPaths } from "./file-set.ts";
import type { CargoBuildPreImage, CopyPreImage, Image, PreImage } from "./image.ts";
import { compilePathspec } from "./pathspec.ts";

export interface InputCandidates {
  /** Sorted, each once; a tracked one that is deleted from disk is still among them. */
  readonly paths: SortedPaths;
  /** Those that must be there, in the file set or not. */
  readonly required: ReadonlySet<string>;
}

export interface InputQuestion {
  /** The whole listing. */
  readonly paths: SortedPaths;
  /** The context directories of all images. */
  readonly contexts: SortedPaths;
  /** Undefined if no Cargo step needs it or the repository has no workspace. */
  readonly cargo: CargoFacts | undefined;
}

/** Throws the image's deferred faults, and the errors of targets and crates that do not exist. */
export function inputCandidates(image: Image, { paths, contexts, cargo }: InputQuestion): InputCandidates {
  const own = pathsOwnedBy(paths, image.path, contexts);
  if (own.length === 0) {
    throw new BuildError("no-context-files", `${image.name} mzbuild exists but its files are unknown to git`, {
      at: [image.at],
    });
  }
  if (image.preImages.length === 0) return { paths: own, required: NONE };
  const steps = image.preImages.map((step) => stepCandidates(step, paths, cargo));
  return {
    paths: sortedPaths(new Set([...own, ...steps.flatMap((step) => step.paths)])),
    required: new Set(steps.flatMap((step) => step.required)),
  };
}

const NONE: ReadonlySet<string> = new Set();

function stepCandidates(
  step: PreImage,
  paths: SortedPaths,
  cargo: CargoFacts | undefined,
): { readonly paths: readonly string[]; readonly required: readonly string[] } {
  if (step.fault !== undefined) throw step.fault;
  if (step.kind === "copy") return { paths: copiedFiles(paths, step).map(({ source }) => source), required: [] };
  const facts = requireCargo(cargo, step);
  const required = [ROOT_MANIFEST, LOCK_FILE];
  return { paths: [...required, ...facts.shared, ...programFiles(paths, facts, step)], required };
}

/** A file that a `copy` step brings: `source` is relative to the root, `path` to the context. */
export interface CopiedFile {
  readonly source: string;
  readonly path: string;
}

/** What a `copy` step copies, as far as the listing says. */
export function copiedFiles(paths: SortedPaths, step: CopyPreImage): readonly CopiedFile[] {
  const matches = compileAt(step);
  const directory = step.source.value === "." ? "" : step.source.value;
  return pathsBelow(paths, directory).flatMap((source) => {
    const inner = directory === "" ? source : source.slice(directory.length + 1);
    return matches(inner) ? [{ source, path: posix.join(step.destination.value, inner) }] : [];
  });
}

function requireCargo(cargo: CargoFacts | undefined, step: CargoBuildPreImage): CargoFacts {
  if (cargo !== undefined) return cargo;
  throw new BuildError("missing-file", `${ROOT_MANIFEST} not found, and a pre-image of type cargo-build needs it`, {
    at: [step.at],
    hint: "the repository's root must have a Cargo.toml with a [workspace]",
  });
}

function compileAt(step: CopyPreImage): (path: string) => boolean {
  try {
    return compilePathspec(step.matching.value);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, error.message, { at: [step.matching.at], cause: error });
  }
}
