/**
 * Secret randomness per registry, kept beside docker's configuration, so that a daemon can recognise this user again
 * without ever seeing the password. The file is shared with docker buildx.
 * Source: moby/buildkit v0.33.0: session/auth/authprovider/tokenseed.go. Difference: it is replaced by rename instead of
 * being locked; the worst of a race is a registry whose tokens are fetched once more.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../client-error.ts";

const FILE = ".token_seed";
const SEED_BYTES = 16;

/** The seed for `host`, made and stored at first use. Where the directory can't be written, it lives as long as this process. */
export type TokenSeeds = (host: string) => Promise<Uint8Array>;

export function tokenSeeds(directory: string): TokenSeeds {
  const seeds = new Map<string, Promise<Uint8Array>>();
  return (host) => {
    const known = seeds.get(host);
    if (known !== undefined) return known;
    const loading = loadOrMake(directory, host);
    seeds.set(host, loading);
    return loading;
  };
}

async function loadOrMake(directory: string, host: string): Promise<Uint8Array> {
  const path = join(directory, FILE);
  const stored = parse(await readFile(path, "utf8").catch(() => "")); // absent or unreadable: as good as empty
  const existing = stored[host]?.Seed;
  if (existing !== undefined) return Buffer.from(existing, "base64");
  const seed = randomBytes(SEED_BYTES);
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(directory, { recursive: true });
    const content = { ...stored, [host]: { Seed: seed.toString("base64") } };
    await writeFile(temporary, JSON.stringify(content, undefined, "  "), { mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // it could not be made in the first place
    if (!["EROFS", "EACCES", "EPERM", "ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) throw error;
  }
  return seed;
}

type Stored = Readonly<Record<string, { readonly Seed: string }>>;

function parse(text: string): Stored {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, entry]) => typeof entry?.Seed === "string"));
  } catch {
    return {}; // half-written by another tool: new seeds then
  }
}
