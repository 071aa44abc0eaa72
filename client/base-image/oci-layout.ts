/**
 * Writes images into an OCI layout directory: layers as they stream in, then config, manifest and index.
 * Contract: opencontainers/image-spec v1.1.1: image-layout.md, config.md, manifest.md, image-index.md.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: "linux"; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Layer {
  readonly descriptor: Descriptor;
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
  /** What made it, for the image's history. */
  readonly createdBy: string;
}

export interface LayoutIndex {
  readonly manifests: readonly Descriptor[];
}

const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";

/** In an annotation's key: the name of an entry of index.json. */
export const REF_NAME = "org.opencontainers.image.ref.name";

/** Fast rather than small: the layer goes no further than the local engine, which unpacks it. */
const GZIP_LEVEL = 2;

export function blobPath(layoutDir: string, digest: string): string {
  return join(layoutDir, "blobs", digest.replace(":", "/"));
}

/** Compresses an uncompressed tar into the layout. A tar that fails half way leaves nothing behind. */
export async function writeLayer(
  layoutDir: string,
  tar: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  createdBy: string,
): Promise<Layer> {
  const plain = createHash("sha256");
  const packed = createHash("sha256");
  let size = 0;
  const temporary = await temporaryBlob(layoutDir);
  const file = await open(temporary, "wx");
  try {
    const gzip = createGzip({ level: GZIP_LEVEL });
    const counted = tee((chunk) => {
      packed.update(chunk);
      size += chunk.length;
    });
    await pipeline(
      tar,
      tee((chunk) => plain.update(chunk)),
      gzip,
      counted,
      file.createWriteStream(),
    );
    const digest = `sha256:${packed.digest("hex")}`;
    await rename(temporary, blobPath(layoutDir, digest));
    return { descriptor: { mediaType: LAYER_TYPE, digest, size }, diffId: `sha256:${plain.digest("hex")}`, createdBy };
  } finally {
    await file.close().catch(() => {}); // Its stream has closed it, unless that never began to write.
    await rm(temporary, { force: true });
  }
}

export interface ImageContent {
  readonly architecture: string;
  readonly layers: readonly Layer[];
  /** RFC 3339; fixed, so that equal content has equal digests. */
  readonly created: string;
  readonly env: readonly string[];
  readonly cmd: readonly string[];
}

/** Writes config and manifest; returns the manifest's descriptor. */
export async function writeImage(layoutDir: string, image: ImageContent): Promise<Descriptor> {
  const { architecture, layers, created } = image;
  const config = await writeJson(layoutDir, CONFIG_TYPE, {
    created,
    architecture,
    os: "linux",
    config: { Env: image.env, Cmd: image.cmd },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map((layer) => ({ created, created_by: layer.createdBy })),
  });
  const blobs = layers.map((layer) => layer.descriptor);
  const manifest = await writeJson(layoutDir, MANIFEST_TYPE, {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config,
    layers: blobs,
  });
  return { ...manifest, platform: { os: "linux", architecture } };
}

/** An index over images of several platforms, in the order given. */
export async function writeImageIndex(layoutDir: string, manifests: readonly Descriptor[]): Promise<Descriptor> {
  return writeJson(layoutDir, INDEX_TYPE, { schemaVersion: 2, mediaType: INDEX_TYPE, manifests });
}

/** The layout's own list of what is in it; empty where there is no layout yet. */
export async function readLayoutIndex(layoutDir: string): Promise<LayoutIndex> {
  const text = await readFile(join(layoutDir, "index.json"), "utf8").catch(() => undefined);
  // Ours to trust: only writeLayoutIndex makes it, whole or not at all.
  return text === undefined ? { manifests: [] } : (JSON.parse(text) as LayoutIndex);
}

export async function writeLayoutIndex(layoutDir: string, index: LayoutIndex): Promise<void> {
  await writeWhole(join(layoutDir, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const document = { schemaVersion: 2, mediaType: INDEX_TYPE, ...index };
  await writeWhole(join(layoutDir, "index.json"), JSON.stringify(document, undefined, 2));
}

/** Whether the blob is there with all its bytes. */
export async function hasBlob(layoutDir: string, { digest, size }: Descriptor): Promise<boolean> {
  return stat(blobPath(layoutDir, digest)).then(
    (found) => found.size === size,
    () => false,
  );
}

/** What a manifest of ours names: its config, then its layers. */
export async function manifestBlobs(layoutDir: string, manifest: Descriptor): Promise<readonly Descriptor[]> {
  const text = await readFile(blobPath(layoutDir, manifest.digest), "utf8");
  // Ours to trust: only writeImage makes manifests here, named after their content.
  const { config, layers } = JSON.parse(text) as { config: Descriptor; layers: readonly Descriptor[] };
  return [config, ...layers];
}

async function writeJson(layoutDir: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  await mkdir(join(layoutDir, "blobs/sha256"), { recursive: true });
  await writeWhole(blobPath(layoutDir, digest), bytes);
  return { mediaType, digest, size: bytes.length };
}

async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

async function temporaryBlob(layoutDir: string): Promise<string> {
  await mkdir(join(layoutDir, "blobs/sha256"), { recursive: true });
  return join(layoutDir, "blobs/sha256", `.${randomBytes(6).toString("hex")}`);
}

function tee(see: (chunk: Uint8Array) => void): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      see(chunk);
      done(undefined, chunk);
    },
  });
}
