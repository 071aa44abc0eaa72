/** Indexes: one name for the images of several platforms. Contract: opencontainers/image-spec v1.1, "Image Index". */
import {
  DOCKER_INDEX,
  DOCKER_MANIFEST,
  type Manifest,
  type ManifestDescriptor,
  manifestOf,
  OCI_INDEX,
} from "./manifests.ts";

export interface PlatformImage {
  readonly os: string;
  readonly architecture: string;
  readonly manifest: Manifest;
}

/**
 * The same images give the same bytes, and so the same digest. An image that is an index itself, for its attestations, is taken with
 * them. Where all is in Docker's older form, the index is, too: some registries want them alike.
 */
export function imageIndex(images: readonly PlatformImage[]): Manifest {
  const manifests = images.flatMap(entriesOf);
  const docker = manifests.every(({ mediaType }) => mediaType === DOCKER_MANIFEST);
  const mediaType = docker ? DOCKER_INDEX : OCI_INDEX;
  return manifestOf(mediaType, { schemaVersion: 2, mediaType, manifests });
}

function entriesOf({ os, architecture, manifest }: PlatformImage): readonly ManifestDescriptor[] {
  const { descriptor, content } = manifest;
  return content.manifests ?? [{ ...descriptor, platform: { architecture, os } }];
}
