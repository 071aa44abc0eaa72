// The one file of pinned versions. Whatever the tool downloads or builds for itself is named here, with its checksum.

/** BuildKit, as a release archive and as a Go module: the same version. */
export const BUILDKIT_VERSION = "v0.33.0";

/** A buildkitd found on PATH must be at least this new. Only the pinned version is tested. */
export const MINIMUM_BUILDKIT_VERSION = "v0.17.0";

/** The module's hash in Go's checksum database (sum.golang.org); Go checks it too, this fixes it here. */
export const BUILDKIT_MODULE_SUM = "h1:zBbt1FiMcTB/oFg1iCNcKa83k5Rn8MGcVjXFIcfYhuQ=";

/**
 * SHA-256 of the release archives. Upstream publishes no checksum files; these values are the subjects of the
 * release's SBOM documents as several independent public projects pin them. An archive that differs is not used.
 */
export const BUILDKIT_ARCHIVE_SHA256 = {
  amd64: "b6242896d343100808dcbe37565caf381e0a444a6a83d7255926bb1519248ead",
  arm64: "e5acfb5929f967fde3b925ddb39f79fd481a0e96774c641fab3a0e83950d7bfa",
} as const;

export function buildkitArchiveUrl(arch: "amd64" | "arm64"): string {
  const file = `buildkit-${BUILDKIT_VERSION}.linux-${arch}.tar.gz`;
  return `https://github.com/moby/buildkit/releases/download/${BUILDKIT_VERSION}/${file}`;
}

/** Base images made from Debian's packages: the suite, and the day of its release, to which file times are clamped. */
export const DEBIAN_SUITE = "trixie";
export const DEBIAN_SUITE_EPOCH = 1_754_697_600;
