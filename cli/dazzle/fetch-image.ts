/** Images as a registry has them: manifest and config. */
import type { Registry } from "../../client/index.ts";
import { BuildError, type Platform } from "../../llb/index.ts";
import {
  formatImageName,
  type ImageName,
  type OciConfig,
  type OciImage,
  type OciManifest,
  readConfig,
  readManifest,
} from "../../mzbuild/index.ts";
import { addressOfName } from "./registry-access.ts";

export interface FetchedImage extends OciImage {
  /** Of what the tag names: of the index, where it is one. */
  readonly digest: string;
  /** Whether the tag names an image for several platforms. */
  readonly indexed: boolean;
}

/** Undefined where there is none. Throws `BuildError` "bad-image", and "no-such-platform" for an index that lacks it. */
export async function fetchImage(
  registry: Registry,
  name: ImageName,
  platform: Platform | undefined,
): Promise<FetchedImage | undefined> {
  const at = addressOfName(name);
  const reference = formatImageName(name);
  const found = await registry.manifest(at, name.tag);
  if (found === undefined) return undefined;
  const named = readManifest(reference, found.bytes);
  const manifest = "manifests" in named ? await ofPlatform(registry, name, named.manifests, platform) : named;
  const config = await fetchConfig(registry, name, manifest);
  return { digest: found.digest, indexed: "manifests" in named, manifest, config };
}

async function ofPlatform(
  registry: Registry,
  name: ImageName,
  manifests: readonly { readonly digest: string; readonly platform?: OciManifest["config"]["platform"] }[],
  platform: Platform | undefined,
): Promise<OciManifest> {
  const wanted = platform ?? { os: "linux", architecture: "amd64", variant: "" };
  const entry = manifests.find(
    ({ platform: its }) => its?.os === wanted.os && its.architecture === wanted.architecture,
  );
  const reference = formatImageName(name);
  if (entry === undefined) {
    throw new BuildError("no-such-platform", `${reference} has no image for ${wanted.os}/${wanted.architecture}`);
  }
  const found = await registry.manifest(addressOfName(name), entry.digest);
  const manifest = found === undefined ? undefined : readManifest(reference, found.bytes);
  if (manifest === undefined || "manifests" in manifest) {
    throw new BuildError("bad-image", `${reference}@${entry.digest} can't be used: it is no image`);
  }
  return manifest;
}

function fetchConfig(registry: Registry, name: ImageName, manifest: OciManifest): Promise<OciConfig> {
  return registry
    .blob(addressOfName(name), manifest.config.digest)
    .then((bytes) => readConfig(formatImageName(name), bytes));
}
