/**
 * The world of a conformance case: made-up images, files of its folder.
 * Described in test/testdata/conformance/README.md.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageLookup, Solver, World } from "../../frontend/dockerfile/index.ts";
import {
  formatImageReference,
  linux,
  normalizePlatform,
  type Output,
  type Platform,
  parseImageReference,
  parsePlatform,
  walkInputs,
  withDefaultTag,
} from "../../llb/index.ts";
import type { CaseImage, CaseRequest } from "./case-request.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function caseSolver(request: CaseRequest): Solver {
  const missing = new Set(request.noCaps);
  return {
    platforms: workerPlatforms(request),
    host: linux("amd64"),
    supports: (capability) => !missing.has(capability),
  };
}

export function caseWorld(folder: string, request: CaseRequest): World {
  const images = normalizedImages(request);
  return {
    image: async (lookup) => {
      const name = lookup.reference;
      const image = images.get(name) ?? {};
      if (image.error) throw new Error(image.error);
      return { kind: "image", reference: name, digest: imageDigest(name, image), config: imageConfig(lookup, image) };
    },
    source: async ({ op }) => ({
      kind: "source",
      commitObject: undefined,
      lastModified: request.sources[op.identifier]?.lastModified,
    }),
    files: async ({ output, paths, limit }) => {
      const root = join(folder, subfolder(output));
      const files = new Map<string, Uint8Array>();
      for (const path of paths) {
        const bytes = await readIfThere(join(root, join("/", path)));
        if (bytes !== undefined) files.set(path, limit === undefined ? bytes : bytes.subarray(0, limit));
      }
      return { kind: "files", files };
    },
    inputs: async () => ({ kind: "inputs", inputs: new Map() }),
  };
}

function workerPlatforms({ worker }: CaseRequest): Platform[] {
  const platforms = worker.flatMap((text) => {
    const parsed = parsePlatform(text, linux("amd64"));
    return parsed.kind === "platform" ? [normalizePlatform(parsed.platform)] : [];
  });
  return platforms.length > 0 ? platforms : [linux("amd64")];
}

function normalizedImages({ images }: CaseRequest): Map<string, CaseImage> {
  return new Map(
    Object.entries(images).map(([name, image]) => {
      const parsed = parseImageReference(name);
      return [parsed.kind === "reference" ? formatImageReference(withDefaultTag(parsed.reference)) : name, image];
    }),
  );
}

/** An image that nobody described exists all the same; its digest is that of its name. */
function imageDigest(name: string, { digest }: CaseImage): string {
  return digest || /@(.+)$/.exec(name)?.[1] || sha256(name);
}

function imageConfig({ reference, platform = linux("amd64") }: ImageLookup, { config }: CaseImage): string {
  if (config !== undefined) return JSON.stringify(config);
  const { os, architecture, variant, osVersion } = platform;
  return JSON.stringify({
    architecture,
    os,
    ...(variant === "" ? {} : { variant }),
    ...(osVersion === "" ? {} : { "os.version": osVersion }),
    config: os === "windows" ? {} : { Env: [`PATH=${DEFAULT_PATH}`] },
    rootfs: { type: "layers", diff_ids: [sha256(`layer of ${reference}`)] },
  });
}

/** The folder of the case plays context, Dockerfile and all remote sources; another local source is a folder in it. */
function subfolder(output: Output): string {
  const seen = new Set([output.vertex]);
  for (const { op } of seen) {
    const name = op.kind === "source" ? /^local:\/\/(.*)$/.exec(op.identifier)?.[1] : undefined;
    if (name !== undefined && name !== "context" && name !== "dockerfile") return name;
    for (const { vertex } of walkInputs(op)) seen.add(vertex);
  }
  return "";
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch {
    // Cases name files that don't exist on purpose.
    return undefined;
  }
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
