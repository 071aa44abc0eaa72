/** An image from one repository into another, as it is: same bytes, same digests. */
import { copyBlob } from "./blobs.ts";
import { getManifest, type Manifest, putManifest } from "./manifests.ts";
import type { RegistryClient } from "./registry-client.ts";
import { RegistryError } from "./registry-error.ts";

/** With all that it refers to; it has no tag in `to` yet. Blobs that are there already are not sent. */
export async function copyImage(client: RegistryClient, from: string, to: string, digest: string): Promise<Manifest> {
  const manifest = await getManifest(client, from, digest);
  if (manifest === undefined) throw new RegistryError(`${from}@${digest} is gone`, { isTransient: false });
  const { config, layers = [], manifests = [] } = manifest.content;
  for (const inner of manifests) await copyImage(client, from, to, inner.digest);
  const blobs = new Set([...(config === undefined ? [] : [config]), ...layers].map((blob) => blob.digest));
  await Promise.all([...blobs].map((blob) => copyBlob(client, from, to, blob)));
  await putManifest(client, to, digest, manifest);
  return manifest;
}
