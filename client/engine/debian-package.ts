/**
 * Programs from the packages of the Debian (or Ubuntu) that we run on. The packages are downloaded and unpacked into a
 * directory of ours, which needs no rights and changes nothing in the system; only where that doesn't give a program
 * that runs is the package installed, and that needs root and leave to do so.
 */
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { findProgram, runCommand } from "./command.ts";
import type { EngineHost, Setup } from "./host.ts";
import type { Provided } from "./provided.ts";

export interface PackageRequest {
  readonly package: string;
  /** The program's path inside the package, without a leading slash. Its name is that of the result in `binDir`. */
  readonly program: string;
  /** Arguments with which the program ends successfully at once, to see that it runs here. */
  readonly check: readonly string[];
  readonly binDir: string;
}

export async function provideFromPackage(setup: Setup, request: PackageRequest): Promise<Provided> {
  const { host, install } = setup;
  const apt = findProgram(host, "apt-get");
  if (apt === undefined) return { kind: "missing", reason: "there is no apt-get to take a package with" };
  const unpacked = await unpack(setup, apt, request);
  if (unpacked.kind === "provided") return unpacked;
  if (host.uid !== 0) return unpacked;
  if (!install) return { kind: "missing", reason: `${unpacked.reason}; installing it is not allowed (--no-install)` };
  return installPackage(setup, apt, request);
}

async function unpack(setup: Setup, apt: string, request: PackageRequest): Promise<Provided> {
  const { host, signal } = setup;
  const dpkg = findProgram(host, "dpkg-deb");
  if (dpkg === undefined) return { kind: "missing", reason: "there is no dpkg-deb to unpack a package with" };
  await mkdir(request.binDir, { recursive: true });
  const work = await mkdtemp(join(request.binDir, ".package-"));
  const options = { env: { ...host.env, LC_ALL: "C" }, cwd: work, signal };
  const reason = (why: string | undefined) => `the package ${request.package} can't be had: ${why ?? "apt-get failed"}`;
  try {
    setup.say(`unpacking the package ${request.package} into ${request.binDir}`);
    const known = await runCommand(apt, ["--quiet", "download", request.package], options);
    if (known.exitCode !== 0) {
      // No package lists, or stale ones: fetch lists of our own, which takes no root.
      const own = await privateLists(work);
      const update = await runCommand(apt, [...own, "--quiet", "update"], options);
      const fetched = await runCommand(apt, [...own, "--quiet", "download", request.package], options);
      if (fetched.exitCode !== 0) {
        const lines = [...fetched.lastLines, ...update.lastLines];
        return { kind: "missing", reason: reason(lines.find((line) => line.startsWith("E:"))) };
      }
    }
    const deb = (await readdir(work)).find((name) => name.endsWith(".deb"));
    if (deb === undefined) return { kind: "missing", reason: reason("apt-get downloaded nothing") };
    const extracted = await runCommand(dpkg, ["--extract", deb, join(work, "root")], options);
    if (extracted.exitCode !== 0) return { kind: "missing", reason: reason(extracted.lastLines.at(-1)) };
    return await adopt(host, join(work, "root", request.program), request);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Options that keep apt's lists and caches below `work`; which packages are installed is still the system's to say. */
async function privateLists(work: string): Promise<readonly string[]> {
  await mkdir(join(work, "state/lists/partial"), { recursive: true });
  await mkdir(join(work, "cache/archives/partial"), { recursive: true });
  const places = [`Dir::State=${join(work, "state")}`, `Dir::Cache=${join(work, "cache")}`];
  return [...places, "Dir::State::status=/var/lib/dpkg/status"].flatMap((setting) => ["-o", setting]);
}

/** Moves the program to its place once it has shown that it runs here. */
async function adopt(host: EngineHost, program: string, request: PackageRequest): Promise<Provided> {
  const name = basename(request.program);
  const fresh = join(request.binDir, `.${name}.new`);
  await copyFile(program, fresh);
  await chmod(fresh, 0o755);
  const check = await runCommand(fresh, request.check, { env: host.env, timeoutMs: 20_000 });
  if (check.exitCode !== 0) {
    await rm(fresh, { force: true });
    const why = check.lastLines.at(-1) ?? `exit code ${check.exitCode}`;
    return { kind: "missing", reason: `${name} of the package ${request.package} doesn't run here: ${why}` };
  }
  await rename(fresh, join(request.binDir, name));
  return { kind: "provided", origin: `unpacked from the package ${request.package}` };
}

async function installPackage(setup: Setup, apt: string, request: PackageRequest): Promise<Provided> {
  const env = { ...setup.host.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const options = { env, signal: setup.signal };
  setup.say(`installing the package ${request.package} with apt-get`);
  const args = ["--quiet", "--yes", "--no-install-recommends", "install", request.package];
  let result = await runCommand(apt, args, options);
  if (result.exitCode !== 0) {
    await runCommand(apt, ["--quiet", "update"], options);
    result = await runCommand(apt, args, options);
  }
  if (result.exitCode === 0) return { kind: "provided", origin: `installed as the package ${request.package}` };
  const why = result.lastLines.findLast((line) => line.startsWith("E:")) ?? result.lastLines.at(-1);
  return { kind: "missing", reason: `apt-get can't install ${request.package}: ${why}` };
}
