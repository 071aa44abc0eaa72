/**
 * The fingerprint of an image: SHA-1 over its inputs, its Cargo steps' variant and its dependencies' fingerprints.
 * docs/format.md, "The fingerprint". It is computed from an {@link InputManifest}, which holds all that enters it, so that
 * two manifests tell why two fingerprints differ.
 */
import { createHash } from "node:crypto";
import base32 from "hi-base32";
import { unreachable } from "../llb/index.ts";
import { compareCodePoints } from "./code-point-order.ts";
import type { PreImage } from "./image.ts";
import type { FileKind } from "./source-tree.ts";
import type { Profile, Variant } from "./variant.ts";

/** 32 characters of base 32: the printed form of 20 bytes. */
export type Fingerprint = string;

/** Everything that an image's fingerprint is made of. */
export interface InputManifest {
  readonly image: string;
  /** Sorted by code point, each path once. */
  readonly files: readonly InputFile[];
  /** What each pre-image adds, in their order. */
  readonly preImages: readonly string[];
  /** What the variant adds to every image. */
  readonly variant: string;
  /** The direct ones, sorted by name. */
  readonly dependencies: readonly InputDependency[];
}

export interface InputFile {
  readonly path: string;
  readonly kind: FileKind;
  /** Of the content, links followed; in hexadecimal. */
  readonly sha1: string;
}

export interface InputDependency {
  readonly name: string;
  readonly fingerprint: Fingerprint;
}

/** The fingerprint that a manifest has. */
export function fingerprintOf(manifest: InputManifest): Fingerprint {
  const sum = createHash("sha1").update(ownDigest(manifest));
  for (const { name, fingerprint } of manifest.dependencies) {
    sum.update(name).update(fingerprintBytes(fingerprint)).update(END);
  }
  return base32.encode(sum.digest());
}

/** The digest of an image without its dependencies, 20 bytes. */
export function ownDigest({ files, preImages, variant }: InputManifest): Uint8Array {
  const sum = createHash("sha1").update(fileRecords(files));
  for (const extra of preImages) sum.update(extra).update(END);
  return sum.update(variant).digest();
}

/** As one piece: a hash takes longer to be called four times a file than to do its work. */
function fileRecords(files: readonly InputFile[]): Uint8Array {
  const records = Buffer.allocUnsafe(files.reduce((bytes, { path }) => bytes + path.length * MAX_UNIT_BYTES + 23, 0));
  let at = 0;
  for (const { path, kind, sha1 } of files) {
    records.set(MODES[kind], at);
    at += 2;
    at += records.write(path, at);
    at += records.write(sha1, at, "hex");
    records[at++] = 0;
  }
  return records.subarray(0, at);
}

/** Of a UTF-16 unit in UTF-8. */
const MAX_UNIT_BYTES = 3;

/** The 20 bytes that a printed fingerprint stands for. */
export function fingerprintBytes(fingerprint: Fingerprint): Uint8Array {
  return Uint8Array.from(base32.decode.asBytes(fingerprint));
}

/**
 * What a pre-image adds: nothing for `copy`; for `cargo-build` the characters of the words that apply, all sorted together,
 * joined by commas, then what the repository's settings say of Cargo, if they say anything.
 */
export function preImageExtra(step: PreImage, variant: Variant, cargoSettings: string | undefined): string {
  switch (step.kind) {
    case "copy":
      return "";
    case "cargo-build":
      return [...variantWords(variant)].sort(compareCodePoints).join(",") + (cargoSettings ?? "");
    default:
      return unreachable(step);
  }
}

/** The end of every image's own part. `mirror=ghcr` is constant. */
export function variantTail({ profile, architecture, coverage, sanitizer }: Variant): string {
  const flag = coverage ? "True" : "False";
  return `profile=Profile.${profile.toUpperCase()}arch=${architecture}coverage=${flag}sanitizer=${sanitizer}mirror=ghcr`;
}

function variantWords({ profile, coverage, sanitizer }: Variant): string {
  return PROFILE_WORDS[profile] + (coverage ? "coverage" : "") + (sanitizer === "none" ? "" : sanitizer);
}

const PROFILE_WORDS = { dev: "", optimized: "optimized", release: "release" } as const satisfies Record<
  Profile,
  string
>;

/** git's modes, octal 120000, 100755 and 100644, in two bytes. */
const MODES = {
  link: Uint8Array.of(0xa0, 0x00),
  executable: Uint8Array.of(0x81, 0xed),
  file: Uint8Array.of(0x81, 0xa4),
} as const satisfies Record<FileKind, Uint8Array>;

const END = Uint8Array.of(0);
