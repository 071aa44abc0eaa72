/** Downloads a file whose checksum is pinned. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { findProgram, runCommand } from "./command.ts";
import type { EngineHost, Setup } from "./host.ts";

export interface Pinned {
  readonly url: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

const TIMEOUT_MS = 600_000;
const CONNECT_TIMEOUT_S = 10;

/**
 * undefined when the file is there and is the pinned one, else why it is not to be had. A file with another checksum is
 * one of these reasons (a proxy's own page, say), and is removed.
 */
export async function downloadPinned(setup: Setup, { url, sha256 }: Pinned, file: string): Promise<string | undefined> {
  const problem = await download(setup.host, url, file, setup.signal);
  if (problem !== undefined) return `${url} can't be downloaded: ${problem}`;
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (actual === sha256) return undefined;
  await rm(file);
  return `what comes from ${url} is not what is pinned and not used: its SHA-256 is ${actual}, not ${sha256}`;
}

/** curl first: it honours proxies and the system's certificates, which Node's fetch doesn't. */
async function download(
  host: EngineHost,
  url: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const curl = findProgram(host, "curl");
  if (curl === undefined) return fetchTo(url, file, signal);
  const limits = ["--connect-timeout", String(CONNECT_TIMEOUT_S), "--max-time", String(TIMEOUT_MS / 1000)];
  const args = ["--fail", "--silent", "--show-error", "--location", ...limits, "--output", file, url];
  const result = await runCommand(curl, args, { env: host.env, signal });
  return result.exitCode === 0 ? undefined : (result.lastLines.at(-1) ?? "curl failed");
}

async function fetchTo(url: string, file: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    if (!response.ok || response.body === null) return `HTTP ${response.status}`;
    await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Error)) return String(error);
    return error.cause instanceof Error ? error.cause.message : error.message;
  }
}
