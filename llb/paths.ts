/** Paths inside a container: with `/`, cleaned as Go's `path` package does. No Windows paths. */
import { posix } from "node:path";

/** `path` without `.`, `..` and doubled slashes; `.` when nothing is left. A final slash is dropped, unlike `normalize`. */
export function cleanPath(path: string): string {
  const cleaned = posix.normalize(path);
  return cleaned.length > 1 && cleaned.endsWith("/") ? cleaned.slice(0, -1) : cleaned;
}

/** `path` as seen from `dir`, which is absolute; absolute and clean. */
export function joinPath(dir: string, path: string): string {
  return cleanPath(path.startsWith("/") ? path : `${dir}/${path}`);
}

/** `path` as seen from the root; clean. */
export function absolutePath(path: string): string {
  return joinPath("/", path);
}

/** As {@link joinPath}, but a final `/` or `/.` is kept, since it makes a destination a directory. */
export function joinDestination(dir: string, path: string): string {
  const joined = joinPath(dir, path);
  if (path.endsWith("/") && !joined.endsWith("/")) return `${joined}/`;
  if (path.endsWith("/.")) return joined === "/" ? "/." : `${joined}/.`;
  return joined;
}
