// Docker whole, for tests: daemon, command line, Compose and buildx of one Debian suite with all that they need, unpacked from
// their packages into the user's cache, once. They are Go programs, which run on any Linux with a C library; nothing is installed.
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { provideMmdebstrap } from "../../client/base-image/mmdebstrap.ts";
import { findProgram, runCommand } from "../../client/engine/command.ts";
import { provideFromPackage } from "../../client/engine/debian-package.ts";
import { EngineError } from "../../client/engine/engine-error.ts";
import { withFileLock } from "../../client/engine/file-lock.ts";
import { cacheDir, goArch, type Setup, setupOf } from "../../client/engine/host.ts";
import { say, testHost } from "./engine.ts";

/** Which Debian to take Docker from: the newest Docker there is as packages, or another one to try by hand. */
const SUITE = process.env["MZBUILD_TEST_DOCKER_SUITE"] || "forky";
const MIRROR = process.env["MZBUILD_DEBIAN_MIRROR"] || "http://deb.debian.org/debian";
const PACKAGES = ["docker.io", "docker-cli", "docker-buildx", "docker-compose", "busybox-static"];

/** What has to be found on PATH by name, in the packages' root. */
const LINKED = [
  "usr/bin/docker",
  "usr/sbin/dockerd",
  "usr/bin/containerd",
  "usr/bin/containerd-shim-runc-v2",
  "usr/bin/docker-init",
  "usr/sbin/docker-proxy",
];

export interface DockerPrograms {
  /** A directory for PATH: docker, dockerd, and what they start. */
  readonly binDir: string;
  /** A directory of the plugins for `docker compose` and `docker buildx`. */
  readonly cliPlugins: string;
  /** The directory of the runc that runs here, which may be the system's. */
  readonly runcDir: string;
  /** The packages' own runc, for images of Debian. */
  readonly runc: string;
  /** Needs no library, and is a whole image by itself. */
  readonly busybox: string;
}

export type DockerProvision =
  | { readonly kind: "there"; readonly programs: DockerPrograms }
  | { readonly kind: "missing"; readonly reason: string };

let provision: Promise<DockerProvision> | undefined;

/** Unpacks what is missing (half a minute), which other runs wait for. */
export function dockerRoot(): Promise<DockerProvision> {
  provision ??= provide();
  return provision;
}

async function provide(): Promise<DockerProvision> {
  const host = testHost();
  if (host.platform !== "linux") return { kind: "missing", reason: `dockerd runs on Linux, not on ${host.platform}` };
  if (host.uid !== 0) return { kind: "missing", reason: "only root can start a dockerd" };
  const namespaces = await runCommand("unshare", ["--mount", "--pid", "--fork", "true"], { env: host.env });
  if (namespaces.exitCode !== 0) {
    return { kind: "missing", reason: `this system gives no namespaces: ${namespaces.lastLines.join(" ")}` };
  }
  const setup = setupOf(host, { install: false }, say);
  const directory = join(cacheDir(host), "test-dockerd", SUITE);
  const onWait = () => setup.say("waiting for another run that unpacks Docker");
  try {
    return await withFileLock(join(directory, "lock"), { path: host.env["PATH"] ?? "", onWait }, async () => {
      const root = join(directory, "root");
      const programs = programsIn(root, await provideRunc(setup, join(directory, "bin")));
      if (!(await runs(programs))) await unpack(setup, root);
      if (await runs(programs)) return { kind: "there", programs };
      return { kind: "missing", reason: `the Docker of Debian ${SUITE} does not run here` };
    });
  } catch (error) {
    if (error instanceof EngineError) return { kind: "missing", reason: error.message };
    throw error;
  }
}

function programsIn(root: string, runc: string): DockerPrograms {
  return {
    binDir: join(root, "bin.path"),
    cliPlugins: join(root, "usr/libexec/docker/cli-plugins"),
    runcDir: dirname(runc),
    runc: join(root, "usr/bin/runc"),
    busybox: join(root, "usr/bin/busybox"),
  };
}

/** The packages and what they depend on, as files: none of their set-up is needed to run the programs in place. */
async function unpack(setup: Setup, root: string): Promise<void> {
  const fresh = `${root}.new`;
  await rm(fresh, { recursive: true, force: true });
  await rm(root, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  setup.say(`unpacking Docker from Debian ${SUITE}'s packages, once`);
  const result = await runCommand(
    await provideMmdebstrap(setup),
    [
      `--architectures=${goArch(setup.host) ?? setup.host.arch}`,
      "--variant=extract",
      `--include=${PACKAGES.join(",")}`,
      // A mirror may be a snapshot older than the clock.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      SUITE,
      fresh,
      MIRROR,
    ],
    { env: { ...setup.host.env, LC_ALL: "C.UTF-8" } },
  );
  if (result.exitCode !== 0) {
    await rm(fresh, { recursive: true, force: true });
    const errors = result.lastLines.filter((line) => line.startsWith("E:"));
    throw new EngineError("missing-program", `Debian ${SUITE}'s Docker can't be had: ${errors.join("; ")}`);
  }
  const binDir = join(fresh, "bin.path");
  await mkdir(binDir);
  for (const program of LINKED) await symlink(join("..", program), join(binDir, basename(program)));
  await rename(fresh, root);
}

/** That of this system: the suite's own needs a newer C library. */
async function provideRunc(setup: Setup, binDir: string): Promise<string> {
  const there = findProgram(setup.host, "runc", [binDir]);
  if (there !== undefined) return there;
  const request = { package: "runc", program: "usr/sbin/runc", check: ["--version"], binDir };
  const result = await provideFromPackage(setup, request);
  const found = findProgram(setup.host, "runc", [binDir]);
  if (found !== undefined) return found;
  const reason = result.kind === "missing" ? result.reason : "it is not where its package puts it";
  throw new EngineError("missing-program", `runc can't be had: ${reason}`);
}

async function runs({ binDir, cliPlugins }: DockerPrograms): Promise<boolean> {
  const checks = await Promise.all([
    runCommand(join(binDir, "docker"), ["--version"]),
    runCommand(join(cliPlugins, "docker-compose"), ["version"]),
  ]);
  return checks.every(({ exitCode }) => exitCode === 0);
}
