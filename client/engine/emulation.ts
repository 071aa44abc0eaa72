/**
 * Programs of other processors: whether the kernel runs them through an emulator that containers can use too.
 * Contract: the kernel's Documentation/admin-guide/binfmt-misc.rst.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type EngineHost, goArch } from "./host.ts";

type Arch = "amd64" | "arm64";

const BINFMT = "/proc/sys/fs/binfmt_misc";

/** The beginning of an ELF file, and e_machine of its header, little endian, as binfmt_misc prints them. */
const ELF = "7f454c46";
const MACHINES: Readonly<Record<Arch, string>> = { amd64: "3e00", arm64: "b700" };

/** True for the host's own processor, and where binfmt_misc has an emulator loaded for good (flag F). */
export async function runsProgramsOf(host: EngineHost, arch: Arch): Promise<boolean> {
  if (goArch(host) === arch) return true;
  const names = await readdir(BINFMT).catch(() => []);
  const entries = await Promise.all(names.map((name) => readFile(join(BINFMT, name), "utf8").catch(() => "")));
  return entries.some((text) => {
    const magic = /^magic (\w+)$/m.exec(text)?.[1] ?? "";
    const runs = magic.startsWith(ELF) && magic.slice(36, 40) === MACHINES[arch];
    return runs && text.startsWith("enabled") && /^flags: \w*F/m.test(text);
  });
}
