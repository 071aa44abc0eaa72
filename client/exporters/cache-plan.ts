/**
 * Turns cache options into what a solve request says of them; caches in local directories go through the session.
 * Source: moby/buildkit v0.33.0: client/solve.go (parseCacheOptions).
 */
import { isAbsolute, join } from "node:path";
import { ClientError } from "../client-error.ts";
import { statBlob } from "../content/blob-store.ts";
import { type ContentStore, localCacheStoreId } from "../content/content-service.ts";
import { type Descriptor, findTagged, readLayoutIndex, tagInLayout } from "../content/oci-layout.ts";
import type { CacheOption } from "./cache-option.ts";

interface CacheEntry {
  readonly Type: string;
  readonly Attrs: Readonly<Record<string, string>>;
}

export interface CachePlan {
  /** For the solve request, in its form. */
  readonly imports: readonly CacheEntry[];
  readonly exports: readonly CacheEntry[];
  /** For `contentService`. */
  readonly stores: ReadonlyMap<string, ContentStore>;
  /** To be called with the exporters' response after a build that succeeded: names the cache in its directory. */
  finish(exporterResponse: Readonly<Record<string, string>>): Promise<void>;
}

export interface CachePlanOptions {
  /** What relative directories are relative to. */
  readonly directory: string;
  /** A local cache that can't be imported; the build goes on without it. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Throws `ClientError` "bad-option". */
export async function planCaches(
  from: readonly CacheOption[],
  to: readonly CacheOption[],
  options: CachePlanOptions,
): Promise<CachePlan> {
  const stores = new Map<string, ContentStore>();
  const tags = new Map<string, string>();
  const exports = to.map((cache) => {
    if (cache.type === "registry") required("--cache-to", cache, "ref");
    if (cache.type !== "local") return { Type: cache.type, Attrs: cache.attrs };
    const path = absolute(required("--cache-to", cache, "dest"), options);
    stores.set(localCacheStoreId(path), { path, writable: true });
    tags.set(path, cache.attrs["tag"] ?? "latest");
    return { Type: cache.type, Attrs: { ...cache.attrs, dest: path } };
  });
  const imports: CacheEntry[] = [];
  for (const cache of from) {
    if (cache.type === "registry") required("--cache-from", cache, "ref");
    const entry =
      cache.type === "local" ? await localImport(cache, stores, options) : { Type: cache.type, Attrs: cache.attrs };
    if (entry !== undefined) imports.push(entry);
  }
  return { imports, exports, stores, finish: (response) => tagCaches(tags, response) };
}

async function localImport(
  cache: CacheOption,
  stores: Map<string, ContentStore>,
  options: CachePlanOptions,
): Promise<CacheEntry | undefined> {
  const path = absolute(required("--cache-from", cache, "src"), options);
  const skip = (reason: string): undefined =>
    options.onWarning?.(`the local cache ${path} is not used: ${reason}`) as undefined;
  try {
    const tag = cache.attrs["tag"] ?? "latest";
    const digest = cache.attrs["digest"] ?? findTagged(await readLayoutIndex(path), tag)?.digest;
    if (digest === undefined) return skip(`nothing in it is tagged ${JSON.stringify(tag)}`);
    if ((await statBlob(path, digest)) === undefined) return skip(`${digest} is missing`);
    const id = localCacheStoreId(path);
    if (!stores.has(id)) stores.set(id, { path, writable: false });
    return { Type: cache.type, Attrs: { ...cache.attrs, src: path, digest } };
  } catch (error) {
    if (error instanceof ClientError) return skip(error.message);
    throw error;
  }
}

function required(option: string, cache: CacheOption, key: string): string {
  const value = cache.attrs[key] ?? "";
  if (value === "") throw new ClientError("bad-option", `${option} type=${cache.type}: ${key} is missing`);
  return value;
}

function absolute(path: string, options: CachePlanOptions): string {
  return isAbsolute(path) ? path : join(options.directory, path);
}

async function tagCaches(tags: ReadonlyMap<string, string>, response: Readonly<Record<string, string>>): Promise<void> {
  const manifest = response["cache.manifest"];
  if (manifest === undefined || manifest === "") return;
  // The daemon's own JSON of an OCI descriptor.
  const descriptor = JSON.parse(manifest) as Descriptor;
  for (const [path, tag] of tags) await tagInLayout(path, descriptor, { tag });
}
