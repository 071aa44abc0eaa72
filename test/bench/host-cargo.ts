/**
 * Cargo on this machine, outside of BuildKit, with the very toolchain of the builder image: the image's files in a directory, and
 * commands run with that as their root. Takes root and `unshare`.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { certificateFile } from "../../cli/build/certificates.ts";

export interface HostCargo {
  /** Runs a command in the workspace and gives what it prints. */
  readonly run: (command: string, args: readonly string[]) => string;
}

/**
 * `rootfs` has the builder's files; `directory` has the workspace in `workspace`, and gets what cargo downloads. `niceness` is
 * the engine's, for equal chances.
 */
export async function hostCargo(rootfs: string, directory: string, niceness: number): Promise<HostCargo> {
  const inside = join(rootfs, "bench");
  mkdirSync(inside, { recursive: true });
  const certificates = await certificateFile(process.env);
  if (certificates !== undefined) copyFileSync(certificates, join(directory, "ca.crt"));
  const enter = [
    'mount --rbind /dev "$1/dev"',
    'mount -t proc proc "$1/proc"',
    'mount --bind "$2" "$1/bench"',
    'cp /etc/resolv.conf "$1/etc/resolv.conf"',
    'root=$1; shift 2; exec chroot "$root" /bin/sh -c \'cd /bench/workspace && exec "$@"\' sh "$@"',
  ].join("\n");
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    CARGO_HOME: "/bench/cargo-home",
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: "aarch64-linux-gnu-gcc",
    CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS: "fallback",
    ...(certificates === undefined ? {} : { CARGO_HTTP_CAINFO: "/bench/ca.crt" }),
  };
  return {
    run: (command, args) =>
      execFileSync(
        "nice",
        ["-n", String(niceness), "unshare", "--mount", "sh", "-euc", enter, "sh", rootfs, directory, command, ...args],
        {
          env,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
          maxBuffer: 1 << 26,
        },
      ),
  };
}
