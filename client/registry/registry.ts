/**
 * What this process itself asks of a registry: small things, such as manifests and configs of a size of kilobytes, that
 * have to be there byte by byte, or asked for where no daemon is at hand. Layers are the daemon's business.
 * Contract: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md; plain HTTP and the names of Docker Hub as in
 * containerd v2.3.4: core/remotes/docker/registry.go.
 */
import { createHash } from "node:crypto";
import { ClientError } from "../client-error.ts";
import { type RegistryAuthOptions, registryAuth } from "./registry-auth.ts";
import { type RegistryCall, registryTransport } from "./registry-transport.ts";

export interface RegistryOptions extends RegistryAuthOptions {
  /** Aborting ends whatever is under way. */
  readonly signal: AbortSignal;
  /** How many requests at once. Default: 16. */
  readonly parallel?: number | undefined;
}

/** A repository of a registry: `127.0.0.1:5000`, `project/image`. */
export interface RepositoryAddress {
  readonly host: string;
  readonly path: string;
}

export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly mediaType: string;
}

/** Every method throws `ClientError` "registry-failed", or "registry-refused" where the registry won't. */
export interface Registry {
  /** By tag or digest; undefined where there is none. */
  manifest(at: RepositoryAddress, reference: string): Promise<FetchedManifest | undefined>;
  /** Whether a tag is there: its digest. */
  resolve(at: RepositoryAddress, reference: string): Promise<string | undefined>;
  /** The content is checked against its digest. */
  blob(at: RepositoryAddress, digest: string): Promise<Uint8Array>;
  hasBlob(at: RepositoryAddress, digest: string): Promise<boolean>;
  /** A blob that is there already is not sent again. */
  putBlob(at: RepositoryAddress, bytes: Uint8Array): Promise<void>;
  /** Has a blob of another repository of the registry, without its content being sent if the registry can do that. */
  copyBlob(from: RepositoryAddress, to: RepositoryAddress, digest: string): Promise<void>;
  /** Its digest. */
  putManifest(at: RepositoryAddress, tag: string, bytes: Uint8Array, mediaType: string): Promise<string>;
  /** As `putManifest`, known by its digest alone. */
  putUntagged(at: RepositoryAddress, bytes: Uint8Array, mediaType: string): Promise<string>;
}

const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "*/*",
].join(", ");

export function registry(options: RegistryOptions): Registry {
  const send = registryTransport(options, registryAuth(options));
  const manifestCall = (at: RepositoryAddress, reference: string): RegistryCall => ({
    at,
    path: `manifests/${reference}`,
    headers: { accept: manifestTypes },
    what: `${at.host}/${at.path}${reference.includes(":") ? "@" : ":"}${reference}`,
    absent: true,
  });
  const client: Registry = {
    manifest: async (at, reference) => {
      const response = await send(manifestCall(at, reference));
      if (response === undefined) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const mediaType = (response.headers.get("content-type") ?? "").split(";", 1)[0] ?? "";
      return { bytes, digest: digestOf(bytes), mediaType };
    },
    resolve: async (at, reference) => {
      const response = await send({ ...manifestCall(at, reference), method: "HEAD" });
      if (response === undefined) return undefined;
      return response.headers.get("docker-content-digest") ?? (await client.manifest(at, reference))?.digest;
    },
    blob: async (at, digest) => {
      const what = `${at.host}/${at.path}@${digest}`;
      const response = await send({ at, path: `blobs/${digest}`, what });
      const bytes = new Uint8Array((await response?.arrayBuffer()) ?? new ArrayBuffer(0));
      if (digestOf(bytes) === digest) return bytes;
      throw new ClientError("registry-failed", `${what} has another content than its digest says`);
    },
    hasBlob: async (at, digest) => {
      const what = `${at.host}/${at.path}@${digest}`;
      return (await send({ at, path: `blobs/${digest}`, method: "HEAD", what, absent: true })) !== undefined;
    },
    putBlob: async (at, bytes) => {
      const digest = digestOf(bytes);
      if (!(await client.hasBlob(at, digest))) await upload(send, at, digest, bytes);
    },
    copyBlob: async (from, to, digest) => {
      if (await client.hasBlob(to, digest)) return;
      const response = await send({
        at: to,
        path: "blobs/uploads/",
        query: { mount: digest, from: from.path },
        method: "POST",
        what: `${to.host}/${to.path}@${digest}`,
        pushes: true,
        mountFrom: from.path,
      });
      if (response?.status === 201) return;
      await upload(send, to, digest, await client.blob(from, digest));
    },
    putManifest: async (at, tag, bytes, mediaType) => {
      await send({
        at,
        path: `manifests/${tag}`,
        method: "PUT",
        headers: { "content-type": mediaType },
        body: bytes,
        what: `${at.host}/${at.path}:${tag}`,
        pushes: true,
      });
      return digestOf(bytes);
    },
    putUntagged: (at, bytes, mediaType) => client.putManifest(at, digestOf(bytes), bytes, mediaType),
  };
  return client;
}

async function upload(
  send: ReturnType<typeof registryTransport>,
  at: RepositoryAddress,
  digest: string,
  bytes: Uint8Array,
): Promise<void> {
  const what = `${at.host}/${at.path}@${digest}`;
  const started = await send({ at, path: "blobs/uploads/", method: "POST", what, pushes: true });
  const location = started?.headers.get("location");
  if (started === undefined || !location) {
    throw new ClientError("registry-failed", `the registry ${at.host} doesn't say where to upload ${what}`);
  }
  const url = new URL(location, started.url);
  url.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  await send({ at, url, method: "PUT", headers, body: bytes, what, pushes: true });
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
