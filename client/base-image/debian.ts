/**
 * Base images made from Debian's packages, for machines that can't reach Docker Hub: an OCI layout in the cache
 * directory, made once for what is asked for, which the build takes as a named context.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { EngineError } from "../engine/engine-error.ts";
import { withFileLock } from "../engine/file-lock.ts";
import { cacheDir, type EngineHost, type OnSetup, type Setup, setupOf } from "../engine/host.ts";
import { DEBIAN_SUITE, DEBIAN_SUITE_EPOCH } from "../engine/versions.ts";
import { type Arch, findImage, type Making, makeImage, type Variant, variantOf } from "./debian-image.ts";
import { type Descriptor, writeImageIndex } from "./oci-layout.ts";

export interface DebianBaseRequest {
  /** "trixie" */
  readonly suite?: string;
  /** Packages besides the required ones and apt. */
  readonly include?: readonly string[];
  /** "linux/amd64", "linux/arm64", in any order. */
  readonly platforms: readonly string[];
  /** A Debian mirror, for instance a dated one of snapshot.debian.org; default: MZBUILD_DEBIAN_MIRROR, else Debian's own. */
  readonly mirror?: string;
  /** false for `--no-install`. */
  readonly install?: boolean | undefined;
}

export interface BaseImage {
  /** An OCI layout directory. */
  readonly layoutDir: string;
  /** Of an image index with the platforms asked for; the same request has the same digest. */
  readonly digest: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** One line, for people. */
  readonly description: string;
}

/** Counts the changes of how images are made: part of what names them in the cache. */
const RECIPE = 2;

/**
 * The image, from the cache or made now (10 to 20 s a platform; minutes where the platform is emulated).
 *
 * A platform whose programs can't run here is unpacked, not configured by its packages' own scripts: COPY works on it,
 * its programs run elsewhere, but its package database is empty. Throws `EngineError` "base-image-failed",
 * "missing-program" or "engine-unsupported".
 */
export async function provideDebianBase(
  host: EngineHost,
  request: DebianBaseRequest,
  onEvent: OnSetup,
  signal?: AbortSignal,
): Promise<BaseImage> {
  const making = makingOf(setupOf(host, { install: request.install, signal }, onEvent), request);
  const variants = await Promise.all(archsOf(request.platforms).map((arch) => variantOf(host, arch)));
  const manifests = (await findAll(making, variants)) ?? (await makeMissing(making, variants));
  const index = await writeImageIndex(making.layoutDir, manifests.map(withoutName));
  const platforms = variants.map(({ arch, mode }) => `linux/${arch}${mode === "unpacked" ? " (unpacked only)" : ""}`);
  return {
    layoutDir: making.layoutDir,
    digest: index.digest,
    mediaType: index.mediaType,
    sizeBytes: index.size,
    description: `Debian ${making.suite} for ${platforms.join(", ")}, made from its packages`,
  };
}

function makingOf(setup: Setup, request: DebianBaseRequest): Making {
  const { host } = setup;
  if (host.platform !== "linux") {
    const message = `base images are made from packages on Linux only, not on ${host.platform}`;
    throw new EngineError("engine-unsupported", message, { hint: "Docker Hub, or a mirror of it, must be reachable." });
  }
  const suite = request.suite ?? DEBIAN_SUITE;
  const include = [...(request.include ?? [])].sort();
  const mirror = request.mirror ?? (host.env["MZBUILD_DEBIAN_MIRROR"] || undefined);
  const key = JSON.stringify([RECIPE, suite, include, mirror ?? "", DEBIAN_SUITE_EPOCH]);
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 12);
  const layoutDir = join(cacheDir(host), "base-images", `debian-${suite}-${hash}`);
  return { ...setup, layoutDir, suite, include, mirror };
}

function archsOf(platforms: readonly string[]): readonly Arch[] {
  const archs = platforms.map((platform): Arch => {
    if (platform === "linux/amd64") return "amd64";
    if (platform === "linux/arm64" || platform === "linux/arm64/v8") return "arm64";
    throw new EngineError("base-image-failed", `no base image is made for the platform ${platform}`, {
      hint: "linux/amd64 and linux/arm64 are.",
    });
  });
  return [...new Set(archs)].sort();
}

/** undefined unless all are there. */
async function findAll(making: Making, variants: readonly Variant[]): Promise<readonly Descriptor[] | undefined> {
  const found = await Promise.all(variants.map((variant) => findImage(making.layoutDir, variant)));
  return found.every((manifest) => manifest !== undefined) ? found : undefined;
}

async function makeMissing(making: Making, variants: readonly Variant[]): Promise<readonly Descriptor[]> {
  const onWait = () => making.say("waiting for another run that makes the base image");
  const lock = { path: making.host.env["PATH"] ?? "", onWait, signal: making.signal };
  return withFileLock(join(making.layoutDir, "lock"), lock, async () => {
    const manifests: Descriptor[] = [];
    for (const variant of variants) {
      manifests.push((await findImage(making.layoutDir, variant)) ?? (await makeImage(making, variant)));
    }
    return manifests;
  });
}

/** Names are the layout's own business: an index holds plain descriptors. */
function withoutName({ annotations: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor;
}
