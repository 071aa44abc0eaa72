// BuildKit's own release archive: downloaded, checked against the pinned checksum, unpacked.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { findProgram, runCommand } from "../command.ts";
import { EngineError } from "../engine-error.ts";
import { type EngineHost, goArch, type Setup } from "../host.ts";
import type { Provided } from "../provided.ts";
import { BUILDKIT_ARCHIVE_SHA256, BUILDKIT_VERSION, buildkitArchiveUrl } from "../versions.ts";

/** What we use of the archive. The qemu programs let buildkitd run other processors' containers without binfmt_misc. */
const WANTED = ["buildkitd", "buildkit-runc"];
const EMULATORS = ["buildkit-qemu-aarch64", "buildkit-qemu-x86_64"];

const DOWNLOAD_TIMEOUT_MS = 600_000;
const CONNECT_TIMEOUT_S = 10;

/** Puts `buildkitd` and `buildkit-runc` into `binDir`. Throws "download-failed" for an archive that is not the pinned one. */
export async function unpackReleaseArchive(setup: Setup, binDir: string): Promise<Provided> {
  const { host, signal } = setup;
  const arch = goArch(host);
  if (arch === undefined) return { kind: "missing", reason: `there is no release archive for ${host.arch}` };
  const url = buildkitArchiveUrl(arch);
  await mkdir(binDir, { recursive: true });
  const work = await mkdtemp(join(binDir, ".archive-"));
  try {
    const archive = join(work, "buildkit.tar.gz");
    setup.say(`downloading BuildKit ${BUILDKIT_VERSION}'s release archive`);
    const problem = await download(host, url, archive, signal);
    if (problem !== undefined) return { kind: "missing", reason: `${url} can't be downloaded: ${problem}` };
    await checkSum(archive, BUILDKIT_ARCHIVE_SHA256[arch], url);
    const args = ["-xzf", archive, "-C", work, "--no-same-owner", "bin"];
    const tar = await runCommand("tar", args, { env: host.env, signal });
    if (tar.exitCode !== 0)
      return { kind: "missing", reason: `the archive can't be unpacked: ${tar.lastLines.at(-1)}` };
    for (const name of EMULATORS) await install(work, binDir, name).catch(() => {}); // Each processor's archive lacks its own.
    for (const name of WANTED.toReversed()) await install(work, binDir, name);
    return { kind: "provided", origin: "from its release archive" };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function install(work: string, binDir: string, name: string): Promise<void> {
  const unpacked = join(work, "bin", name);
  await chmod(unpacked, 0o755);
  await rename(unpacked, join(binDir, name));
}

/** undefined when all went well. curl first: it honours proxies and the system's certificates, which Node's fetch doesn't. */
async function download(
  host: EngineHost,
  url: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const curl = findProgram(host, "curl");
  if (curl === undefined) return fetchTo(url, file, signal);
  const limits = ["--connect-timeout", String(CONNECT_TIMEOUT_S), "--max-time", String(DOWNLOAD_TIMEOUT_MS / 1000)];
  const args = ["--fail", "--silent", "--show-error", "--location", ...limits, "--output", file, url];
  const result = await runCommand(curl, args, { env: host.env, signal });
  return result.exitCode === 0 ? undefined : (result.lastLines.at(-1) ?? "curl failed");
}

async function fetchTo(url: string, file: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
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

async function checkSum(file: string, expected: string, url: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (actual === expected) return;
  throw new EngineError(
    "download-failed",
    `${url} is not the pinned archive: its SHA-256 is ${actual}, not ${expected}`,
    {
      hint: "Something between here and there changes downloads. Install buildkitd and runc yourself, or name an engine with --buildkit.",
    },
  );
}
