/**
 * Input records in a registry: beside an image with the tag `mzbuild-FINGERPRINT` an artifact with the tag
 * `mzbuild-FINGERPRINT.inputs`, which names the image as its subject. The image's own bytes and digest know nothing of it.
 * Contract: opencontainers/image-spec v1.1, "Guidelines for Artifact Usage".
 */
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import {
  getBlob,
  getManifest,
  headManifest,
  type ManifestDescriptor,
  manifestOf,
  OCI_MANIFEST,
  putBlob,
  putManifest,
  type RegistryClient,
  sha256,
} from "../../client/index.ts";
import { type Fingerprint, type KeptInputs, readInputRecord, writeInputRecord } from "../../mzbuild/index.ts";
import { fullRepository } from "../registry-access.ts";

const ARTIFACT_TYPE = "application/vnd.mzbuild.inputs.v1";
const LAYER_TYPE = "application/vnd.mzbuild.inputs.v1.json+gzip";
const EMPTY = { mediaType: "application/vnd.oci.empty.v1+json", bytes: Buffer.from("{}") };

export interface AttachRequest {
  readonly client: RegistryClient;
  /** In full. */
  readonly repository: string;
  readonly fingerprint: Fingerprint;
  readonly inputs: KeptInputs;
  /** The image. */
  readonly subject: ManifestDescriptor;
}

/** Nothing is done where a record is there already. Throws `RegistryError`. */
export async function attachInputs(request: AttachRequest): Promise<void> {
  const { client, repository, fingerprint, inputs, subject } = request;
  const tag = tagOf(fingerprint);
  if ((await headManifest(client, repository, tag)) !== undefined) return;
  const layer = await promisify(gzip)(writeInputRecord(inputs));
  await putBlob(client, repository, EMPTY.bytes);
  await putBlob(client, repository, layer);
  const artifact = manifestOf(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: ARTIFACT_TYPE,
    config: { mediaType: EMPTY.mediaType, digest: sha256(EMPTY.bytes), size: EMPTY.bytes.length },
    layers: [{ mediaType: LAYER_TYPE, digest: sha256(layer), size: layer.length }],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
  });
  await putManifest(client, repository, tag, artifact);
}

/** For an image that has been pushed under its spec. Throws as {@link attachInputs}. */
export async function attachInputsTo(
  client: RegistryClient,
  { reference, inputs }: { readonly reference: string; readonly inputs: ReadonlyMap<Fingerprint, KeptInputs> },
): Promise<void> {
  const colon = reference.lastIndexOf(":");
  const [repository, tag] = [fullRepository(reference.slice(0, colon)), reference.slice(colon + 1)];
  const image = await getManifest(client, repository, tag);
  if (image === undefined) return;
  for (const [fingerprint, kept] of inputs) {
    await attachInputs({ client, repository, fingerprint, inputs: kept, subject: image.descriptor });
  }
}

/** Undefined where the registry has none, or something else under the tag. Throws `RegistryError`. */
export async function publishedInputs(
  client: RegistryClient,
  repository: string,
  fingerprint: Fingerprint,
): Promise<KeptInputs | undefined> {
  const artifact = await getManifest(client, repository, tagOf(fingerprint));
  const layer = artifact?.content.layers?.find(({ mediaType }) => mediaType === LAYER_TYPE);
  if (layer === undefined) return undefined;
  const bytes = await getBlob(client, repository, layer.digest);
  return bytes === undefined ? undefined : readInputRecord(await promisify(gunzip)(bytes), fingerprint);
}

function tagOf(fingerprint: Fingerprint): string {
  return `mzbuild-${fingerprint}.inputs`;
}
