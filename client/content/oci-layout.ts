/**
 * An OCI image layout on disk: blobs by digest, and an index of what the layout is there for.
 * Contract: https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 * Source of the tagging: moby/buildkit v0.33.0: client/ociindex/ociindex.go.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClientError, errnoOf, messageOf } from "../client-error.ts";

/** One entry of the index, with whatever other members it has. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

const REF_NAME = "org.opencontainers.image.ref.name";
const IMAGE_NAME = "io.containerd.image.name";

/** Where a blob lies; undefined for what is no digest, which must not become a path. */
export function blobPath(layout: string, digest: string): string | undefined {
  const match = /^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/.exec(digest);
  return match === null ? undefined : join(layout, "blobs", ...digest.split(":"));
}

/** The entries of `index.json`. Throws `ClientError` "bad-oci-layout". */
export async function readLayoutIndex(layout: string): Promise<readonly Descriptor[]> {
  const path = join(layout, "index.json");
  try {
    const index: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof index === "object" && index !== null && "manifests" in index && Array.isArray(index.manifests)) {
      return index.manifests.filter(isDescriptor);
    }
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ClientError("bad-oci-layout", `${JSON.stringify(layout)} is not an OCI layout: ${reason}`, { cause });
  }
  throw new ClientError("bad-oci-layout", `${path} lists no manifests`);
}

/**
 * The entry that a tag names (by image name, then by reference name); without a tag, the only entry, or the one tagged
 * "latest". Undefined where there is none.
 */
export function findTagged(entries: readonly Descriptor[], tag: string | undefined): Descriptor | undefined {
  if (tag === undefined && entries.length === 1) return entries[0];
  const wanted = tag ?? "latest";
  return (
    entries.find((entry) => entry.annotations?.[IMAGE_NAME] === wanted) ??
    entries.find((entry) => entry.annotations?.[REF_NAME] === wanted)
  );
}

/** A bare tag, or the full name of an image. */
export type LayoutTag = { readonly tag: string } | { readonly name: string };

/** Makes `tag` name `descriptor`, in a layout that may not be one yet. Throws `ClientError` "bad-oci-layout" or the disk's error. */
export async function tagInLayout(layout: string, descriptor: Descriptor, tag: LayoutTag): Promise<void> {
  await mkdir(layout, { recursive: true });
  const named = "name" in tag;
  const refName = named ? tagOf(tag.name) : tag.tag;
  const labels = named ? { [IMAGE_NAME]: tag.name, [REF_NAME]: refName } : { [REF_NAME]: refName };
  const kept = (await readExistingIndex(layout)).filter(
    ({ annotations }) =>
      annotations?.[REF_NAME] !== refName || (annotations?.[IMAGE_NAME] ?? "") !== (named ? tag.name : ""),
  );
  const manifests = [...kept, { ...descriptor, annotations: { ...descriptor.annotations, ...labels } }];
  const index = { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests };
  await replaceFile(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await replaceFile(join(layout, "index.json"), JSON.stringify(index));
}

/** What stands behind the repository: "registry:5000/app:1.2" → "1.2". */
function tagOf(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return last.slice(last.indexOf(":") + 1 || last.length);
}

async function readExistingIndex(layout: string): Promise<readonly Descriptor[]> {
  try {
    return await readLayoutIndex(layout);
  } catch (error) {
    if (error instanceof ClientError && errnoOf(error.cause) === "ENOENT") return [];
    throw error;
  }
}

async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

function isDescriptor(value: unknown): value is Descriptor {
  return typeof value === "object" && value !== null && "digest" in value && typeof value.digest === "string";
}
