/**
 * The base with the rules for variables as annotations, which tools that take chunks without hashes in their names read.
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/build.go (`Build`).
 */

import { formatImageName, formatManifest, MANIFEST_TYPE } from "../../../mzbuild/index.ts";
import { UsageError } from "../../usage-error.ts";
import type { BaseInfo } from "../base-info.ts";
import type { OpenProject } from "../open-project.ts";
import type { Registry } from "../registry.ts";

/** The base as it is then named: its digest is another one, and so are the hashes of all chunks. */
export async function annotateBase(
  { open, registry }: { readonly open: OpenProject; readonly registry: Registry },
  base: BaseInfo,
): Promise<BaseInfo> {
  const { envVars } = open.project.config;
  if (envVars.length === 0) return base;
  const [only, ...others] = base.images.images;
  if (only === undefined || only.platform !== undefined || others.length > 0) {
    throw new UsageError(
      "--chunked-without-hash takes a base for one platform",
      "its annotations belong to a manifest",
    );
  }
  const annotations = Object.fromEntries(envVars.map(({ name, action }) => [`dazzle.gitpod.io/env-${name}`, action]));
  const manifest = { ...only.image.manifest, annotations };
  const bytes = formatManifest(manifest);
  const digest = await registry.putManifest(base.name.repository, base.name.tag, bytes, MANIFEST_TYPE);
  const baseRef = `${formatImageName(base.name)}@${digest}`;
  return {
    ...base,
    images: { digest, images: [{ platform: undefined, image: { ...only.image, manifest } }] },
    naming: { ...base.naming, baseRef },
  };
}
