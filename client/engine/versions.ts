/** The one file of pinned versions. Whatever the tool downloads or builds for itself is named here, with its checksum. */

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
const BUILDKIT_ARCHIVE_SHA256 = {
  amd64: "b6242896d343100808dcbe37565caf381e0a444a6a83d7255926bb1519248ead",
  arm64: "e5acfb5929f967fde3b925ddb39f79fd481a0e96774c641fab3a0e83950d7bfa",
} as const;

export function buildkitArchive(arch: "amd64" | "arm64"): { readonly url: string; readonly sha256: string } {
  const file = `buildkit-${BUILDKIT_VERSION}.linux-${arch}.tar.gz`;
  const url = `https://github.com/moby/buildkit/releases/download/${BUILDKIT_VERSION}/${file}`;
  return { url, sha256: BUILDKIT_ARCHIVE_SHA256[arch] };
}

/** The Go that builds BuildKit where none is installed, from golang.org/toolchain; BuildKit's go.mod wants 1.26.3 or newer. */
export const GO_VERSION = "1.26.8";

/** Of the toolchain's module archives, as they were when `go mod download` had checked them by Go's checksum database. */
export const GO_TOOLCHAIN_SHA256 = {
  amd64: "30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7",
  arm64: "02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99",
} as const;

/** Base images made from Debian's packages: the suite, and the day of its release, to which file times are clamped. */
export const DEBIAN_SUITE = "trixie";
export const DEBIAN_SUITE_EPOCH = 1_754_697_600;
