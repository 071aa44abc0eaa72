/**
 * Blobs of a registry: read, written, and handed on from one registry to another without being kept.
 * Contract: opencontainers/distribution-spec v1.1, "Pulling blobs", "Pushing a blob in chunks".
 */
import { createHash } from "node:crypto";
import type { HttpAnswer } from "../http-request.ts";
import { sha256 } from "./manifests.ts";
import { type RegistryClient, splitRepository } from "./registry-client.ts";
import { RegistryError } from "./registry-error.ts";

/** Whether a repository has a blob. All functions here throw `RegistryError`, and `ClientError` where there is no login. */
export async function hasBlob(client: RegistryClient, repository: string, digest: string): Promise<boolean> {
  const what = `looking for a blob of ${repository}`;
  const request = { method: "HEAD", repository, path: `blobs/${digest}`, expected: [404], what } as const;
  return client.request(request, async ({ status }) => status !== 404);
}

/** A small blob, whole. Undefined where there is none. */
export async function getBlob(
  client: RegistryClient,
  repository: string,
  digest: string,
): Promise<Uint8Array | undefined> {
  const what = `reading a blob of ${repository}`;
  const request = { method: "GET", repository, path: `blobs/${digest}`, expected: [404], what } as const;
  return client.request(request, async (response) => {
    if (response.status === 404) return undefined;
    const bytes = await response.bytes();
    if (sha256(bytes) !== digest) throw new RegistryError(`${what}: it came incomplete`, { isTransient: true });
    return bytes;
  });
}

/** Nothing is sent where the registry has it. */
export async function putBlob(client: RegistryClient, repository: string, bytes: Uint8Array): Promise<void> {
  const digest = sha256(bytes);
  if (await hasBlob(client, repository, digest)) return;
  await upload(client, repository, digest, (location, what) =>
    client.request(
      { method: "PATCH", repository, path: location, headers: OCTETS, body: () => Buffer.from(bytes), what },
      async (response) => locationOf(response, location),
    ),
  );
}

/**
 * Has a blob of one repository in another one, which may be in different registries: within one it is linked, if the registry can
 * do that, and streamed otherwise.
 */
export async function copyBlob(client: RegistryClient, from: string, to: string, digest: string): Promise<void> {
  if (await hasBlob(client, to, digest)) return;
  if (await mountBlob(client, from, to, digest)) return;
  const read = `reading a blob of ${from}`;
  // What is cut off on the way takes the upload with it: the whole is tried again from the start.
  await client.request({ method: "GET", repository: from, path: `blobs/${digest}`, what: read }, (source) =>
    upload(client, to, digest, async (location, what) => {
      const { body, arrived } = hashed(source);
      const request = { method: "PATCH", repository: to, path: location, headers: OCTETS, what } as const;
      const next = await client.request({ ...request, body: () => body, once: true }, async (response) =>
        locationOf(response, location),
      );
      if (arrived() !== digest) throw new RegistryError(`${read}: it came incomplete`, { isTransient: true });
      return next;
    }),
  );
}

/** Source: distribution-spec v1.1, "Mounting a blob from another repository". */
async function mountBlob(client: RegistryClient, from: string, to: string, digest: string): Promise<boolean> {
  const [source, target] = [splitRepository(from), splitRepository(to)];
  if (source.host !== target.host) return false;
  const path = `blobs/uploads/?${new URLSearchParams({ mount: digest, from: source.name })}`;
  const request = { method: "POST", repository: to, from, path, what: `linking a blob of ${from} to ${to}` } as const;
  return client.request(request, async ({ status }) => status === 201);
}

const OCTETS = { "content-type": "application/octet-stream" };

async function upload(
  client: RegistryClient,
  repository: string,
  digest: string,
  send: (location: URL, what: string) => Promise<URL>,
): Promise<void> {
  const what = `writing a blob of ${repository}`;
  const start = await client.request({ method: "POST", repository, path: "blobs/uploads/", what }, async (response) =>
    locationOf(response, new URL(response.url)),
  );
  const end = new URL(await send(start, what));
  end.searchParams.set("digest", digest);
  await client.request({ method: "PUT", repository, path: end, what }, async () => undefined);
}

/** Where to go on: an address that may be relative. */
function locationOf(response: HttpAnswer, base: URL): URL {
  const location = response.headers.get("location");
  if (location === null) throw new RegistryError("the registry named no place to send to", { isTransient: false });
  return new URL(location, base);
}

function hashed(source: HttpAnswer): { readonly body: AsyncIterable<Uint8Array>; readonly arrived: () => string } {
  const hash = createHash("sha256");
  const tap = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source.stream()) {
      hash.update(piece);
      yield piece;
    }
  };
  return { body: tap(), arrived: () => `sha256:${hash.copy().digest("hex")}` };
}
