/**
 * Sources of COPY and ADD that are files of a tree.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert_copy.go, validations.go
 * (`validateCopySourcePath`).
 */
import { BuildError, cleanPath, type Output } from "../../../llb/index.ts";
import type { PatternMatcher } from "../ignore/index.ts";
import { messages } from "../lint/rules.ts";
import type { CopyLike, CopyPart } from "./copy.ts";
import type { Scope } from "./instruction-scope.ts";
import { normalizePath } from "./paths.ts";
import { fileInput } from "./tree.ts";

export function fileSource(instruction: CopyLike, written: string, tree: Output | undefined, os: string): CopyPart {
  const { from, includePatterns, requiredPaths } =
    instruction.kind === "copy" && instruction.parents
      ? splitParents(written, os)
      : { from: written, includePatterns: [], requiredPaths: [] };
  const unpack = instruction.kind === "add" ? (instruction.unpack ?? true) : false;
  return {
    source: fileInput(tree),
    from: cleanPath(sourcePath(from, os)),
    includePatterns,
    requiredPaths,
    followSymlink: true,
    dirCopyContents: true,
    attemptUnpack: unpack,
    createDestPath: true,
    allowWildcard: true,
    allowEmptyWildcard: true,
  };
}

/** `--parents`: what is before `/./` is where paths start, the rest is what is taken, with its directories. */
function splitParents(
  written: string,
  os: string,
): { readonly from: string; readonly includePatterns: string[]; readonly requiredPaths: string[] } {
  const pivot = written.indexOf("/./");
  const from = pivot < 0 ? "/" : written.slice(0, pivot);
  const pattern = sourcePath(pivot < 0 ? written : written.slice(pivot + "/./".length), os);
  const exact = !hasWildcards(from) && !hasWildcards(pattern);
  return {
    from,
    includePatterns: [pattern.replace(/^\//, "")],
    requiredPaths: exact ? [sourcePath(cleanPath(`${from}/${pattern}`), os)] : [],
  };
}

function sourcePath(path: string, os: string): string {
  try {
    return normalizePath("/", path, os, false);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `removing drive letter: ${error.message}`);
  }
}

function hasWildcards(path: string): boolean {
  return /[*?[]/.test(path.replace(/\\[\s\S]?/g, ""));
}

/** Warns about a source that the ignore file leaves out. With exceptions in the file there is no telling. */
export function lintIgnoredSource(scope: Scope, instruction: CopyLike, written: string): void {
  const matcher = scope.session.ignoreMatcher;
  if (matcher === undefined || matcher.hasExceptions) return;
  const path = cleanPath(written);
  const isRoot = path === "." || path === "/";
  if (isRoot && !matcher.patterns.some((pattern) => ["*", "**", "**/*"].includes(pattern))) return;
  if (!isIgnored(matcher, path)) return;
  const command = instruction.kind === "add" ? "Add" : "Copy";
  scope.linter.report("CopyIgnoredFile", messages.copyIgnoredFile(command, path), scope.place.lines);
}

/** A pattern that shows to be bad only now ends the search, and is no error. */
function isIgnored(matcher: PatternMatcher, path: string): boolean {
  try {
    return matcher.matches(path);
  } catch (error) {
    if (error instanceof BuildError) return false;
    throw error;
  }
}
