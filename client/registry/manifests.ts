/** Manifests and blobs of a registry. Contract: opencontainers/distribution-spec v1.1 and image-spec v1.1. */
import { createHash } from "node:crypto";
import type { RegistryClient } from "./registry-client.ts";
import { RegistryError } from "./registry-error.ts";

export interface ManifestDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

/** What is read of a manifest, or of an index. */
export interface ManifestContent {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: ManifestDescriptor;
  readonly layers?: readonly ManifestDescriptor[];
  /** Of an index. */
  readonly manifests?: readonly ManifestDescriptor[];
}

export interface Manifest {
  readonly descriptor: ManifestDescriptor;
  /** As the registry has it, byte for byte. */
  readonly bytes: Uint8Array;
  readonly content: ManifestContent;
}

/** Media types of indexes, which list manifests of several platforms, and of manifests, each of one image. */
export const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
export const DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json";
export const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

const ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST].join(", ");

/** The digest that a tag has; undefined where there is no such tag. `reference` is a tag or a digest. */
export function headManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
): Promise<string | undefined> {
  const what = `looking for ${nameOf(repository, reference)}`;
  const request = { method: "HEAD", repository, path: `manifests/${reference}`, headers: { accept: ACCEPT } } as const;
  return client.request({ ...request, expected: [404], what }, async (response) => {
    if (response.status === 404) return undefined;
    const digest = response.headers.get("docker-content-digest");
    if (digest !== null) return digest;
    // Registries need not name it to a HEAD.
    return (await getManifest(client, repository, reference))?.descriptor.digest;
  });
}

/** Undefined where there is no such tag, or digest. The bytes are those of the digest. */
export function getManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
): Promise<Manifest | undefined> {
  const what = `reading ${nameOf(repository, reference)}`;
  const request = { method: "GET", repository, path: `manifests/${reference}`, headers: { accept: ACCEPT } } as const;
  return client.request({ ...request, expected: [404], what }, async (response) => {
    if (response.status === 404) return undefined;
    const bytes = await response.bytes();
    const digest = sha256(bytes);
    const expected = reference.startsWith("sha256:") ? reference : response.headers.get("docker-content-digest");
    if (expected !== null && expected !== digest) {
      throw new RegistryError(`${what}: what came is ${digest}, not ${expected}`, { isTransient: true });
    }
    const content = parseManifest(bytes, what);
    const mediaType = content.mediaType ?? response.headers.get("content-type") ?? OCI_MANIFEST;
    return { descriptor: { mediaType, digest, size: bytes.length }, bytes, content };
  });
}

/** Puts a manifest under a tag or its digest, whatever was there before. Returns its digest. */
export async function putManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
  { bytes, descriptor }: Pick<Manifest, "bytes" | "descriptor">,
): Promise<string> {
  await client.request(
    {
      method: "PUT",
      repository,
      path: `manifests/${reference}`,
      headers: { "content-type": descriptor.mediaType },
      body: () => Buffer.from(bytes),
      what: `writing ${nameOf(repository, reference)}`,
    },
    async () => undefined,
  );
  return descriptor.digest;
}

/** A manifest of content of our own, as bytes with a descriptor. */
export function manifestOf(mediaType: string, content: object): Manifest {
  const bytes = Buffer.from(JSON.stringify(content));
  return { descriptor: { mediaType, digest: sha256(bytes), size: bytes.length }, bytes, content };
}

/** `repository:tag`, or `repository@digest`. */
export function nameOf(repository: string, reference: string): string {
  return `${repository}${reference.includes(":") ? "@" : ":"}${reference}`;
}

/** The digest of a content: `sha256:` and 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function parseManifest(bytes: Uint8Array, what: string): ManifestContent {
  try {
    const content: ManifestContent | null = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof content === "object" && content !== null) return content;
  } catch (cause) {
    throw new RegistryError(`${what}: what came is no JSON`, { isTransient: true, cause });
  }
  throw new RegistryError(`${what}: what came is no manifest`, { isTransient: false });
}
