export { copyBlob, getBlob, hasBlob, putBlob } from "./blobs.ts";
export { copyImage } from "./copy-image.ts";
export { imageIndex, type PlatformImage } from "./image-index.ts";
export {
  getManifest,
  headManifest,
  type Manifest,
  type ManifestContent,
  type ManifestDescriptor,
  manifestOf,
  nameOf,
  OCI_MANIFEST,
  putManifest,
  sha256,
} from "./manifests.ts";
export { type RegistryClient, type RegistryClientOptions, registryClient } from "./registry-client.ts";
export { RegistryError } from "./registry-error.ts";
