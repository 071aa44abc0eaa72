/**
 * `--build-context NAME=VALUE` as docker buildx reads it, and what a build needs to know of it.
 * Source: docker/buildx v0.37.0: util/buildflags/context.go, build/opt.go (loadInputs); moby/buildkit v0.33.0: util/ocilayout.
 */
import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { ClientError } from "../client-error.ts";
import { type ContentStore, layoutStoreId } from "../content/content-service.ts";
import { findTagged, readLayoutIndex } from "../content/oci-layout.ts";
import { directoryTree } from "../filesync/directory-tree.ts";
import type { SyncTree } from "../filesync/sync-tree.ts";

/** `name` is as a Dockerfile's `FROM` has it: without "docker.io/library/" and ":latest". */
export type BuildContextOption =
  | { readonly kind: "directory"; readonly name: string; readonly path: string }
  | {
      readonly kind: "oci-layout";
      readonly name: string;
      readonly path: string;
      readonly tag: string | undefined;
      readonly digest: string | undefined;
    }
  /** The daemon resolves it: `docker-image://…`, `target:…`, a git repository, an archive by HTTP. */
  | { readonly kind: "remote"; readonly name: string; readonly value: string };

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;
/** Source: moby/buildkit: docker/docker pkg/urlutil. */
const REMOTE = /^(docker-image:\/\/|target:|input:|https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/;

/** Throws `ClientError` "bad-option". */
export function parseBuildContext(text: string): BuildContextOption {
  const equals = text.indexOf("=");
  const name = familiarName(text.slice(0, Math.max(0, equals)));
  const value = text.slice(equals + 1);
  if (equals === -1 || value === "" || !NAME.test(name)) {
    throw new ClientError(
      "bad-option",
      `--build-context ${text} is not of the form name=directory, name=docker-image://… or name=oci-layout://…`,
    );
  }
  const layout = /^oci-layout:(?:\/\/)?(.+)$/.exec(value)?.[1];
  if (layout !== undefined) return { kind: "oci-layout", name, ...parseLayout(layout) };
  return REMOTE.test(value) ? { kind: "remote", name, value } : { kind: "directory", name, path: value };
}

export interface ResolvedContexts {
  /** `context:NAME` → what the frontend is told. */
  readonly frontendAttrs: Readonly<Record<string, string>>;
  /** For `fileSyncService`. */
  readonly directories: ReadonlyMap<string, SyncTree>;
  /** For `contentService`. */
  readonly stores: ReadonlyMap<string, ContentStore>;
}

/** `directory` is what relative paths are relative to. Throws `ClientError` "missing-input" or "bad-oci-layout". */
export async function resolveBuildContexts(
  contexts: readonly BuildContextOption[],
  directory: string,
): Promise<ResolvedContexts> {
  const frontendAttrs: Record<string, string> = {};
  const directories = new Map<string, SyncTree>();
  const stores = new Map<string, ContentStore>();
  for (const [index, context] of contexts.entries()) {
    const key = `context:${context.name}`;
    switch (context.kind) {
      case "remote":
        frontendAttrs[key] = context.value;
        break;
      case "directory": {
        // The frontend's own directories have these names.
        const local = context.name === "context" || context.name === "dockerfile" ? `_${context.name}` : context.name;
        directories.set(local, directoryTree(await existing(absolute(context.path, directory), context.name)));
        frontendAttrs[key] = `local:${local}`;
        break;
      }
      case "oci-layout": {
        const path = absolute(context.path, directory);
        const digest = context.digest ?? (await findDigest(path, context.tag));
        const store = `layout-${index}`;
        stores.set(layoutStoreId(store), { path, writable: false });
        frontendAttrs[key] = `oci-layout://${store}@${digest}`;
        break;
      }
    }
  }
  return { frontendAttrs, directories, stores };
}

async function findDigest(path: string, tag: string | undefined): Promise<string> {
  const entries = await readLayoutIndex(path);
  const digest = findTagged(entries, tag)?.digest;
  if (digest !== undefined) return digest;
  const tags = entries.flatMap(({ annotations }) => annotations?.["org.opencontainers.image.ref.name"] ?? []);
  throw new ClientError(
    "bad-oci-layout",
    `the OCI layout ${path} has no image tagged ${JSON.stringify(tag ?? "latest")}`,
    {
      hint: tags.length > 0 ? `it has ${tags.join(", ")}` : undefined,
    },
  );
}

async function existing(path: string, name: string): Promise<string> {
  const found = await stat(path).catch(() => undefined); // told apart below
  if (found?.isDirectory()) return path;
  throw new ClientError(
    "missing-input",
    `the build context ${JSON.stringify(name)} needs the directory ${path}, which ${found === undefined ? "doesn't exist" : "is a file"}`,
  );
}

function parseLayout(text: string): {
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
} {
  const [, path = text, tag, digest] = /^(.*?)(?::([\w][\w.-]{0,127}))?(?:@(sha\d+:[a-f0-9]+))?$/s.exec(text) ?? [];
  return { path, tag, digest };
}

function familiarName(name: string): string {
  return name
    .replace(/^(index\.)?docker\.io\//, "")
    .replace(/^library\//, "")
    .replace(/:latest$/, "");
}

function absolute(path: string, directory: string): string {
  return isAbsolute(path) ? path : join(directory, path);
}
