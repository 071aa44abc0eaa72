/**
 * Why two fingerprints of an image differ: everything that enters one is in its {@link InputManifest}, so comparing two of them
 * leaves nothing out. Pure.
 */
import { compareCodePoints } from "./code-point-order.ts";
import type { InputFile, InputManifest } from "./fingerprint.ts";
import type { FileKind } from "./source-tree.ts";

/** One thing that is not as it was. */
export type InputDifference =
  | { readonly kind: "file-added"; readonly path: string }
  | { readonly kind: "file-removed"; readonly path: string }
  | { readonly kind: "content-changed"; readonly path: string }
  | { readonly kind: "mode-changed"; readonly path: string; readonly before: FileKind; readonly now: FileKind }
  | { readonly kind: "dependency-added"; readonly name: string }
  | { readonly kind: "dependency-removed"; readonly name: string }
  | { readonly kind: "dependency-changed"; readonly name: string }
  /** The text that the pre-image adds, which holds profile, coverage, sanitizer and settings. `index` counts from 0. */
  | { readonly kind: "pre-image-changed"; readonly index: number; readonly before: string; readonly now: string }
  | { readonly kind: "variant-changed"; readonly before: string; readonly now: string };

/** What differs in one image: its own inputs, and which dependencies. Empty where the fingerprints are equal. */
function compareManifests(before: InputManifest, now: InputManifest): readonly InputDifference[] {
  return [...files(before, now), ...preImages(before, now), ...variants(before, now), ...dependencies(before, now)];
}

/** The differences of one image, which is new where `before` is not known. */
export interface ImageDifference {
  readonly image: string;
  /** From the image that was asked about to this one, both included: each is built from the next. */
  readonly path: readonly string[];
  readonly isNew: boolean;
  readonly differences: readonly InputDifference[];
}

export type Manifests = ReadonlyMap<string, InputManifest>;

/**
 * The image's differences and those of all dependencies that make its fingerprint differ, each image once, by the shortest way
 * that leads to it. Empty where the fingerprints are equal.
 */
export function explainDifference(name: string, before: Manifests, now: Manifests): readonly ImageDifference[] {
  const found: ImageDifference[] = [];
  const paths = new Map<string, readonly string[]>([[name, [name]]]);
  // A map's iteration sees what is added meanwhile: breadth first, so that ways are shortest.
  for (const [image, path] of paths) {
    const [then, today] = [before.get(image), now.get(image)];
    if (today === undefined) continue;
    const differences = then === undefined ? [] : compareManifests(then, today);
    if (then !== undefined && differences.length === 0) continue;
    found.push({ image, path, isNew: then === undefined, differences });
    for (const difference of differences) {
      if (difference.kind !== "dependency-changed" || paths.has(difference.name)) continue;
      paths.set(difference.name, [...path, difference.name]);
    }
  }
  return found;
}

function files(before: InputManifest, now: InputManifest): readonly InputDifference[] {
  const then = new Map(before.files.map((file) => [file.path, file]));
  const today = new Map(now.files.map((file) => [file.path, file]));
  const paths = [...new Set([...then.keys(), ...today.keys()])].sort(compareCodePoints);
  return paths.flatMap((path) => fileDifferences(path, then.get(path), today.get(path)));
}

function fileDifferences(
  path: string,
  before: InputFile | undefined,
  now: InputFile | undefined,
): readonly InputDifference[] {
  if (before === undefined) return [{ kind: "file-added", path }];
  if (now === undefined) return [{ kind: "file-removed", path }];
  const content: readonly InputDifference[] = before.sha1 === now.sha1 ? [] : [{ kind: "content-changed", path }];
  if (before.kind === now.kind) return content;
  return [...content, { kind: "mode-changed", path, before: before.kind, now: now.kind }];
}

function preImages(before: InputManifest, now: InputManifest): readonly InputDifference[] {
  const count = Math.max(before.preImages.length, now.preImages.length);
  return Array.from({ length: count }, (_, index) => index).flatMap((index): readonly InputDifference[] => {
    const [then, today] = [before.preImages[index], now.preImages[index]];
    if (then === today) return [];
    return [{ kind: "pre-image-changed", index, before: then ?? "no such step", now: today ?? "no such step" }];
  });
}

function variants(before: InputManifest, now: InputManifest): readonly InputDifference[] {
  return before.variant === now.variant ? [] : [{ kind: "variant-changed", before: before.variant, now: now.variant }];
}

function dependencies(before: InputManifest, now: InputManifest): readonly InputDifference[] {
  const then = new Map(before.dependencies.map(({ name, fingerprint }) => [name, fingerprint]));
  const today = new Map(now.dependencies.map(({ name, fingerprint }) => [name, fingerprint]));
  const names = [...new Set([...then.keys(), ...today.keys()])].sort(compareCodePoints);
  return names.flatMap((name): readonly InputDifference[] => {
    const [was, is] = [then.get(name), today.get(name)];
    if (was === is) return [];
    const kind =
      was === undefined ? "dependency-added" : is === undefined ? "dependency-removed" : "dependency-changed";
    return [{ kind, name }];
  });
}
