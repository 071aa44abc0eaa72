/**
 * The registry as mzdazzle asks it itself: for small things that have to be there byte by byte, such as manifests and configs, or
 * that are asked for where no daemon is at hand. Layers are the daemon's business.
 */
import { copyBlob, getBlob, getManifest, headManifest, putBlob, putManifest, sha256 } from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import { registryAccess } from "../registry-access.ts";
import type { Terminal } from "../terminal.ts";
import type { LoadEngineSide } from "./engine-side.ts";
import { limiter } from "./limit.ts";

export interface FetchedManifest {
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** Repositories are in full: `127.0.0.1:5000/project`. Every method throws `RegistryError`. */
export interface Registry {
  /** By tag or digest; undefined where there is none. */
  manifest(repository: string, reference: string): Promise<FetchedManifest | undefined>;
  /** The digest of a tag; undefined where there is none. */
  resolve(repository: string, reference: string): Promise<string | undefined>;
  /** Throws `BuildError` "no-blob", too. */
  blob(repository: string, digest: string): Promise<Uint8Array>;
  /** A blob that is there already, or on its way, is not sent again. */
  putBlob(repository: string, bytes: Uint8Array): Promise<void>;
  /** Has a blob of another repository, linked within a registry. */
  copyBlob(from: string, to: string, digest: string): Promise<void>;
  /** Its digest. */
  putManifest(repository: string, tag: string, bytes: Uint8Array, mediaType: string): Promise<string>;
  /** As `putManifest`, known by its digest alone. */
  putUntagged(repository: string, bytes: Uint8Array, mediaType: string): Promise<string>;
}

const PARALLEL_REQUESTS = 16;
const WAITS_MS = [300, 1000, 3000];

/**
 * Nothing is asked, and no login looked for, before it is needed. `warn` is told of every wait for a registry that is in trouble, which
 * is a matter for the whole program.
 */
export function openRegistry(terminal: Terminal, engineSide: LoadEngineSide, warn: (text: string) => void): Registry {
  let access: ReturnType<typeof registryAccess> | undefined;
  const limited = limiter(PARALLEL_REQUESTS);
  const inTrouble = (text: string): void => {
    engineSide().then(
      () => warn(text),
      () => undefined, // whoever runs the whole program is told
    );
  };
  const client = () => {
    access ??= registryAccess(terminal, { warn: inTrouble, waitsMs: WAITS_MS });
    return access;
  };
  const put = (repository: string, reference: string, bytes: Uint8Array, mediaType: string): Promise<string> => {
    const descriptor = { mediaType, digest: sha256(bytes), size: bytes.length };
    return limited(async () => putManifest(await client(), repository, reference, { bytes, descriptor }));
  };
  // By repository and digest. Chunks that end at the same moment store the same small blobs, and combinations share layers.
  const sent = new Map<string, Promise<void>>();
  const once = (repository: string, digest: string, provide: () => Promise<void>): Promise<void> => {
    const key = `${repository}@${digest}`;
    const before = sent.get(key);
    if (before !== undefined) return before;
    const sending = limited(provide);
    sent.set(key, sending);
    return sending;
  };
  return {
    manifest: (repository, reference) =>
      limited(async () => {
        const found = await getManifest(await client(), repository, reference);
        return found && { bytes: found.bytes, digest: found.descriptor.digest };
      }),
    resolve: (repository, reference) => limited(async () => headManifest(await client(), repository, reference)),
    blob: (repository, digest) =>
      limited(async () => {
        const bytes = await getBlob(await client(), repository, digest);
        if (bytes !== undefined) return bytes;
        throw new BuildError("no-blob", `${repository}@${digest}: not found`, {
          hint: "the registry has a manifest that names it: was something deleted there?",
        });
      }),
    putBlob: (repository, bytes) =>
      once(repository, sha256(bytes), async () => putBlob(await client(), repository, bytes)),
    copyBlob: (from, to, digest) => once(to, digest, async () => copyBlob(await client(), from, to, digest)),
    putManifest: put,
    putUntagged: (repository, bytes, mediaType) => put(repository, sha256(bytes), bytes, mediaType),
  };
}
