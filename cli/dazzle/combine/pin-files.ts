/**
 * Files that name combinations by their digest, such as the Dockerfile of a repository's image that is `FROM` one: kept at what was
 * pushed, so that the change is seen, and what is built on it has another fingerprint.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../../usage-error.ts";
import { writeWhole } from "../../write-whole.ts";

export interface PinnedFile {
  /** As it was given. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

/**
 * Reads the files of `--pin`. Throws `UsageError` for one that isn't there, or names none of the combinations: before anything is done
 * in vain.
 */
export function readPinned(
  cwd: string,
  names: readonly string[],
  repository: string,
  combinations: readonly string[],
): readonly PinnedFile[] {
  return names.map((name) => {
    const path = resolve(cwd, name);
    const text = readText(name, path);
    if (combinations.some((combination) => reference(repository, combination).test(text))) return { name, path, text };
    throw new UsageError(
      `--pin ${name}: it names none of the combinations`,
      `such as in a line FROM ${repository}:${combinations[0] ?? "NAME"}`,
    );
  });
}

/** With these digests, by combination, behind each reference, in the place of those that are there. */
export function pinned(text: string, repository: string, digests: ReadonlyMap<string, string>): string {
  return [...digests].reduce(
    (changed, [combination, digest]) =>
      changed.replace(reference(repository, combination), () => `${repository}:${combination}@${digest}`),
    text,
  );
}

/** Writes the files that change; their names. Each appears whole or not at all. */
export function writePinned(
  files: readonly PinnedFile[],
  repository: string,
  digests: ReadonlyMap<string, string>,
): readonly string[] {
  return files.flatMap(({ name, path, text }) => {
    const changed = pinned(text, repository, digests);
    if (changed === text) return [];
    writeWhole(path, changed);
    return [name];
  });
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--pin ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function reference(repository: string, combination: string): RegExp {
  const name = `${repository}:${combination}`.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w./:-])${name}(?![\\w.-])(?:@sha256:[0-9a-f]{64})?`, "g");
}
