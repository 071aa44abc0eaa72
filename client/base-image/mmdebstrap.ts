/** Runs mmdebstrap, which makes a Debian root file system from packages; its result is read as a tar while it is made. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findProgram } from "../engine/command.ts";
import { provideFromPackage } from "../engine/debian-package.ts";
import { EngineError } from "../engine/engine-error.ts";
import { cacheDir, type Setup } from "../engine/host.ts";

export interface RootFileSystem {
  readonly suite: string;
  /** Debian's name: "amd64", "arm64". */
  readonly arch: string;
  /** Packages besides the required ones and apt. */
  readonly include: readonly string[];
  /** undefined: Debian's own servers, with the suite's updates and security fixes. */
  readonly mirror: string | undefined;
  /** Seconds since 1970 to which later file times are cut, which makes the tar the same each time. */
  readonly epoch: number;
  /** "unpacked": no package's own scripts are run, so that programs of `arch` needn't run here. */
  readonly mode: "installed" | "unpacked";
}

/** mmdebstrap copies these from the machine that it runs on; an image is the same wherever it is made. */
const FORGET_HOST = 'rm -f "$1/etc/hostname" "$1/etc/resolv.conf"';

/** The program's path. Throws `EngineError` "missing-program". */
export async function provideMmdebstrap(setup: Setup): Promise<string> {
  const { host } = setup;
  const binDir = join(cacheDir(host), "base-images", "bin");
  const there = findProgram(host, "mmdebstrap", [binDir]);
  if (there !== undefined) return there;
  const request = { package: "mmdebstrap", program: "usr/bin/mmdebstrap", check: ["--version"], binDir };
  const result = await provideFromPackage(setup, request);
  const found = findProgram(host, "mmdebstrap", [binDir]);
  if (found !== undefined) return found;
  const reason = result.kind === "missing" ? result.reason : "it is not where its package puts it";
  throw new EngineError("missing-program", `mmdebstrap is not there and can't be had: ${reason}`, {
    hint: "It makes base images where Docker Hub can't be reached (Debian and Ubuntu: apt-get install mmdebstrap).",
  });
}

/** What becomes of its output: the tar, and its messages line by line. */
export interface MmdebstrapSinks<T> {
  readonly read: (tar: AsyncIterable<Uint8Array>) => Promise<T>;
  readonly onLine: (line: string) => void;
}

/** Hands the tar to `read` and resolves to its result, if mmdebstrap succeeds; throws `EngineError` "base-image-failed". */
export async function runMmdebstrap<T>(
  { host, signal }: Setup,
  wanted: RootFileSystem,
  program: string,
  sinks: MmdebstrapSinks<T>,
): Promise<T> {
  const env = { ...host.env, SOURCE_DATE_EPOCH: String(wanted.epoch), LC_ALL: "C.UTF-8" };
  const child = spawn(program, commandLine(wanted), { env, stdio: ["ignore", "pipe", "pipe"], signal });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    sinks.onLine(line);
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, killed) => resolve(code === 0 ? undefined : `exit code ${code ?? killed}`));
  });
  const [result, problem] = await Promise.all([sinks.read(child.stdout), ended]);
  signal?.throwIfAborted();
  if (problem === undefined) return result;
  const errors = lines.filter((line) => /^(E|W):/.test(line));
  const shown = (errors.length > 0 ? errors : lines).slice(-6);
  throw new EngineError("base-image-failed", [`mmdebstrap failed (${problem}):`, ...shown].join("\n  "), {
    hint: "A base image is made of Debian's packages: its servers must be reachable (or name a mirror with MZBUILD_DEBIAN_MIRROR).",
  });
}

function commandLine({ suite, arch, include, mirror, mode }: RootFileSystem): readonly string[] {
  // The variant "extract" takes nothing by itself: say what "minbase" means.
  const variant =
    mode === "installed"
      ? ["--variant=minbase"]
      : ["--variant=extract", "--include=?essential", "--include=?priority(required)", "--include=apt"];
  const more = include.length === 0 ? [] : [`--include=${include.join(",")}`];
  const target = [suite, "-", ...(mirror === undefined ? [] : [mirror])];
  return [`--architectures=${arch}`, ...variant, ...more, `--extract-hook=${FORGET_HOST}`, "--format=tar", ...target];
}
