/** Which Debian suite an image reference stands for, so that one made from packages may take its place. */

/** Release numbers and aliases of the official image `debian`. Only suites whose packages are on the ordinary servers. */
const SUITES: ReadonlyMap<string, string> = new Map([
  ["latest", "trixie"],
  ["stable", "trixie"],
  ["13", "trixie"],
  ["trixie", "trixie"],
  ["12", "bookworm"],
  ["bookworm", "bookworm"],
]);

/**
 * The suite of a reference to Docker Hub's official `debian` image without a digest or a date, "-slim" or not:
 * "debian:trixie-slim", "docker.io/library/debian:13". undefined for every other reference.
 */
export function debianSuiteOf(reference: string): string | undefined {
  const match = /^(?:(?:docker\.io\/)?library\/|docker\.io\/)?debian(?::([\w.-]+))?$/.exec(reference);
  if (match === null) return undefined;
  const tag = match[1] ?? "latest";
  return SUITES.get(tag.replace(/-slim$/, ""));
}
