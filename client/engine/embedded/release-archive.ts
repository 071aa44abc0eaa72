/** BuildKit's own release archive: downloaded, checked against the pinned checksum, unpacked. */
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../command.ts";
import { downloadPinned, type Pinned } from "../download.ts";
import type { Setup } from "../host.ts";
import type { Provided } from "../provided.ts";
import { BUILDKIT_VERSION } from "../versions.ts";

/** What we use of the archive, the one that says "it is all there" last. */
const WANTED = ["buildkit-runc", "buildkitd"];
/** With these buildkitd runs other processors' containers even where the kernel has no emulator. Not all are in all archives. */
const EMULATORS = ["buildkit-qemu-aarch64", "buildkit-qemu-x86_64"];

/** Puts `buildkitd` and `buildkit-runc` into `binDir`. */
export async function unpackReleaseArchive(setup: Setup, archive: Pinned, binDir: string): Promise<Provided> {
  await mkdir(binDir, { recursive: true });
  const work = await mkdtemp(join(binDir, ".archive-"));
  try {
    const file = join(work, "buildkit.tar.gz");
    setup.say(`downloading BuildKit ${BUILDKIT_VERSION}'s release archive`);
    const problem = await downloadPinned(setup, archive, file);
    if (problem !== undefined) return { kind: "missing", reason: problem };
    const args = ["-xzf", file, "-C", work, "--no-same-owner", "bin"];
    const tar = await runCommand("tar", args, { env: setup.host.env, signal: setup.signal });
    if (tar.exitCode !== 0) {
      return { kind: "missing", reason: `the release archive can't be unpacked: ${tar.lastLines.at(-1)}` };
    }
    for (const name of EMULATORS) await install(work, binDir, name).catch(() => {}); // Each archive lacks its own processor's.
    for (const name of WANTED) await install(work, binDir, name);
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
