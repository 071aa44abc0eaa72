/**
 * The inputs of an image as bytes that can be kept beside an image. Who reads one recomputes the fingerprint, so a record that was
 * mixed up or tampered with is recognised.
 */
import { type Fingerprint, fingerprintOf, type InputFile, type InputManifest } from "./fingerprint.ts";
import type { FileKind } from "./source-tree.ts";

export interface KeptInputs {
  readonly manifest: InputManifest;
  /** The image's own, for people: what its mzbuild.yml says is covered by the fingerprint as a file. */
  readonly buildArgs: ReadonlyMap<string, string>;
  /** How long its steps took, in milliseconds, where it was built whole or in part. */
  readonly buildMs?: number | undefined;
}

const FORMAT = "mzbuild-inputs/1";

interface InputRecord {
  readonly format: typeof FORMAT;
  readonly image: string;
  /** Path, kind, SHA-1 in hexadecimal. */
  readonly files: readonly (readonly [string, FileKind, string])[];
  readonly preImages: readonly string[];
  readonly variant: string;
  /** Name and fingerprint. */
  readonly dependencies: readonly (readonly [string, Fingerprint])[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly buildMs?: number | undefined;
}

/** JSON; equal inputs give equal bytes. */
export function writeInputRecord({ manifest, buildArgs, buildMs }: KeptInputs): Uint8Array {
  const { image, files, preImages, variant, dependencies } = manifest;
  const record: InputRecord = {
    format: FORMAT,
    image,
    files: files.map(({ path, kind, sha1 }) => [path, kind, sha1]),
    preImages,
    variant,
    dependencies: dependencies.map(({ name, fingerprint }) => [name, fingerprint]),
    buildArgs: Object.fromEntries(buildArgs),
    buildMs,
  };
  return Buffer.from(JSON.stringify(record));
}

/** Undefined for bytes that are no record, or not the one of this fingerprint. */
export function readInputRecord(bytes: Uint8Array, fingerprint: Fingerprint): KeptInputs | undefined {
  try {
    // Whatever it is: only what has the fingerprint is used, and nothing else has it.
    const record = JSON.parse(Buffer.from(bytes).toString("utf8")) as InputRecord;
    const manifest: InputManifest = {
      image: String(record.image),
      files: record.files.map(([path, kind, sha1]): InputFile => ({ path, kind, sha1: String(sha1) })),
      preImages: record.preImages.map(String),
      variant: String(record.variant),
      dependencies: record.dependencies.map(([name, print]) => ({ name, fingerprint: print })),
    };
    if (record.format !== FORMAT || fingerprintOf(manifest) !== fingerprint) return undefined;
    const { buildMs } = record;
    return {
      manifest,
      buildArgs: new Map(Object.entries(record.buildArgs ?? {})),
      ...(typeof buildMs === "number" ? { buildMs } : {}),
    };
  } catch {
    return undefined; // no JSON, or not of this shape
  }
}
