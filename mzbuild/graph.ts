/**
 * The graph of images: an edge for each `MZFROM`. docs/format.md, "Order and cycles". Nothing here recurses, so that a
 * chain may be as long as it likes.
 */
import { BuildError, type SourceRange } from "../llb/index.ts";
import { compareCodePoints, sortedByCodePoint } from "./code-point-order.ts";
import type { Image } from "./image.ts";
import { didYouMean } from "./nearest-names.ts";

export type Images = ReadonlyMap<string, Image>;

/** The image of this name. Throws `BuildError` "unknown-image" with the nearest names. */
export function imageNamed(images: Images, name: string): Image {
  const image = images.get(name);
  if (image !== undefined) return image;
  throw new BuildError("unknown-image", `unknown image: ${name}`, {
    hint: didYouMean(name, images.keys()) ?? "`mzimage list` prints the names of all images",
  });
}

/**
 * The named images and all that they depend on, each once, dependencies before dependents: the targets sorted by name, each
 * image's dependencies sorted by name, depth first. Throws `BuildError` "unknown-image" and "dependency-cycle".
 */
export function resolveImages(images: Images, names: Iterable<string>): readonly Image[] {
  const order: Image[] = [];
  const done = new Set<string>();
  for (const name of sortedByCodePoint(new Set(names))) visit(images, imageNamed(images, name), { order, done });
  return order;
}

/** Names of all images that `name` depends on, directly or not, sorted by code point. Throws like {@link resolveImages}. */
export function transitiveDependencies(images: Images, name: string): readonly string[] {
  const names = resolveImages(images, [name]).map((image) => image.name);
  return names.filter((other) => other !== name).sort(compareCodePoints);
}

interface Walk {
  readonly order: Image[];
  readonly done: Set<string>;
}

/** An image whose dependencies are being visited; `next` is the index of the one to visit next. */
interface Frame {
  readonly image: Image;
  next: number;
}

function visit(images: Images, target: Image, { order, done }: Walk): void {
  if (done.has(target.name)) return;
  const path: Frame[] = [{ image: target, next: 0 }];
  const onPath = new Set([target.name]);
  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    const name = frame.image.dependencies[frame.next++];
    if (name === undefined) {
      path.pop();
      onPath.delete(frame.image.name);
      done.add(frame.image.name);
      order.push(frame.image);
    } else if (onPath.has(name)) {
      throw cycleError(
        path.map(({ image }) => image),
        name,
      );
    } else if (!done.has(name)) {
      path.push({ image: imageNamed(images, name), next: 0 });
      onPath.add(name);
    }
  }
}

/** `path` leads from the target to the image that names `closing`, which is on the path already. */
function cycleError(path: readonly Image[], closing: string): BuildError {
  const names = [...path.map(({ name }) => name), closing];
  const cycle = path.slice(path.findIndex(({ name }) => name === closing));
  const at = cycle.flatMap((image, index) => mzfromRange(image, cycle[index + 1]?.name ?? closing));
  return new BuildError("dependency-cycle", `circular dependency in mzbuild: ${names.join(" -> ")}`, {
    at,
    hint: "one of these MZFROM lines has to go",
  });
}

function mzfromRange(image: Image, name: string): readonly SourceRange[] {
  const line = image.mzfrom.find(({ value }) => value === name);
  return line === undefined ? [] : [line.at];
}
