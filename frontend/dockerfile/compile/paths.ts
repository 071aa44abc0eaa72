/**
 * Paths of a container, of Linux or Windows: absolute, with "/", without a drive letter.
 * Contract: moby/buildkit v0.33.0: util/system/path.go; messages as there.
 */
import { BuildError, cleanPath } from "../../../llb/index.ts";
import { quote } from "../text/quote.ts";
import { equalFold } from "../text/unicode.ts";

const WINDOWS = "windows";

/** `path` seen from `parent`. With `keepSlash` a final `/` or `/.` stays, which makes a destination a directory. */
export function normalizePath(parent: string, path: string, os: string, keepSlash: boolean): string {
  const written = toSlash(path, os);
  let from = withoutDrive(toSlash(parent, os) || "/", os, keepSlash);
  if (!isAbsolute(from, os)) from = cleanPath(`/${from}`);
  let result = withoutDrive(written || from, os, keepSlash);
  if (!isAbsolute(result, os)) result = cleanPath(`${from}/${result}`);
  if (keepSlash) {
    if (written.endsWith("/") && !result.endsWith("/")) result += "/";
    else if (written.endsWith("/.")) result = result === "/" ? "/." : `${result}/.`;
  }
  return toSlash(result, os);
}

/** The new working directory, with the separators of the OS. Throws `BuildError` "bad-path". */
export function normalizeWorkdir(current: string, path: string, os: string): string {
  try {
    const normalized = normalizePath(current, path, os, false);
    return os === WINDOWS ? normalized.replaceAll("/", "\\") : normalized;
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `normalizing working directory: ${error.message}`);
  }
}

export function isAbsolute(path: string, os: string): boolean {
  try {
    return toSlash(stripDrive(path, os, false), os).startsWith("/");
  } catch (error) {
    if (error instanceof BuildError) return false;
    throw error;
  }
}

export function toSlash(path: string, os: string): string {
  return os === WINDOWS ? path.replaceAll("\\", "/") : path;
}

/** On Windows, the path without `C:`. Throws `BuildError` "bad-path" for another drive. Elsewhere, the path as it is. */
export function stripDrive(path: string, os: string, keepSlash: boolean): string {
  if (os !== WINDOWS) return path;
  if (path.length === 2 && path[1] === ":") {
    throw new BuildError("bad-path", `No relative path specified in ${quote(path)}`);
  }
  if (toSlash(path.slice(0, 2), os) === "//") throw new BuildError("bad-path", "UNC paths are not supported");
  const colon = path.indexOf(":");
  if (colon >= 0 && !equalFold(path.slice(0, colon), "c")) {
    throw new BuildError("bad-path", "The specified path is not on the system drive (C:)");
  }
  const slashed = toSlash(colon < 0 ? path : path.slice(colon + 1), os);
  const clean = cleanPath(slashed);
  return keepSlash && clean.length > 1 && slashed.endsWith("/") ? `${clean}/` : clean;
}

function withoutDrive(path: string, os: string, keepSlash: boolean): string {
  try {
    return stripDrive(path, os, keepSlash);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(error.code, `removing drive letter: ${error.message}`);
  }
}
