// Programs of other processors: whether the kernel runs them through an emulator that containers can use too, and how
// to have it do so. Contract: the kernel's Documentation/admin-guide/binfmt-misc.rst.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, runCommand } from "./command.ts";
import { provideFromPackage } from "./debian-package.ts";
import { cacheDir, type EngineHost, goArch, type OnSetup, setupOf } from "./host.ts";
import type { Provided } from "./provided.ts";

type Arch = "amd64" | "arm64";

const BINFMT = "/proc/sys/fs/binfmt_misc";

/** e_machine of the ELF header, little endian, as binfmt_misc prints it; and qemu's name of the processor. */
const MACHINES = {
  amd64: { machine: "3e00", qemu: "x86_64" },
  arm64: { machine: "b700", qemu: "aarch64" },
} as const satisfies Record<Arch, { machine: string; qemu: string }>;

/** True for the host's own processor, and where binfmt_misc has an emulator loaded for good (flag F). */
export async function runsProgramsOf(host: EngineHost, arch: Arch): Promise<boolean> {
  if (goArch(host) === arch) return true;
  for (const name of await entriesOf(BINFMT)) {
    const text = await readFile(join(BINFMT, name), "utf8").catch(() => "");
    const magic = /^magic (\w+)$/m.exec(text)?.[1] ?? "";
    const fixed = /^flags: \w*F/m.test(text);
    if (
      text.startsWith("enabled") &&
      fixed &&
      magic.startsWith("7f454c46") &&
      magic.slice(36, 40) === MACHINES[arch].machine
    )
      return true;
  }
  return false;
}

export interface EmulationOptions {
  readonly install?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the kernel run `arch`'s programs, also in containers. Takes root, and lasts until the machine is restarted: it
 * changes the whole system, so nothing does it unasked.
 */
export async function provideEmulation(
  host: EngineHost,
  arch: Arch,
  onEvent: OnSetup,
  options: EmulationOptions = {},
): Promise<Provided> {
  const setup = setupOf(host, options, onEvent);
  if (await runsProgramsOf(host, arch)) return { kind: "provided", origin: "the kernel runs them" };
  if (host.uid !== 0) return { kind: "missing", reason: `only root can have the kernel emulate ${arch}` };
  const { machine, qemu } = MACHINES[arch];
  const name = `qemu-${qemu}-static`;
  const binDir = join(cacheDir(host), "emulators");
  if (findProgram(host, name, [binDir]) === undefined) {
    const request = { package: "qemu-user-static", program: `usr/bin/${name}`, check: ["--version"], binDir };
    const result = await provideFromPackage(setup, request);
    if (result.kind === "missing") return result;
  }
  const interpreter = findProgram(host, name, [binDir]);
  if (interpreter === undefined) return { kind: "missing", reason: `${name} is not there` };
  setup.say(`having the kernel run ${arch} programs through ${interpreter}, until it is restarted`);
  if (!(await entriesOf(BINFMT)).includes("register")) {
    await runCommand("mount", ["-t", "binfmt_misc", "binfmt_misc", BINFMT], { env: host.env });
  }
  try {
    await writeFile(join(BINFMT, "register"), registration(`qemu-${qemu}`, machine, interpreter));
  } catch (error) {
    return {
      kind: "missing",
      reason: `the kernel takes no emulator: ${error instanceof Error ? error.message : error}`,
    };
  }
  return { kind: "provided", origin: `emulated by ${interpreter}` };
}

/** ELF, 64 bit, little endian, executable or shared object, of that machine. Flags: see qemu's own qemu-binfmt-conf.sh. */
function registration(name: string, machine: string, interpreter: string): string {
  const escaped = (hex: string) => hex.replace(/../g, "\\x$&");
  const magic = escaped(`7f454c460201010000000000000000000200${machine}`);
  const mask = escaped("ffffffffffffff00fffffffffffffffffeffffff");
  return `:${name}:M::${magic}:${mask}:${interpreter}:OCF`;
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}
