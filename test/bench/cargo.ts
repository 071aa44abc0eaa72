/**
 * `npm run bench cargo`: cargo inside BuildKit beside cargo on the host, the same toolchain (the tour's builder) and the same
 * workspace, in turn. Prints times, ratios and what was compiled; asserts nothing. What takes little is run three times, and
 * the median counts; a single run of the rest may be off by a tenth or more.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gitWorkTree, openRepository, type Variant } from "../../mzbuild/index.ts";
import {
  buildCargo,
  type CargoBuild,
  type CargoEngine,
  cargoEngine,
  compiled,
  forgetCaches,
  solveState,
} from "../integration/cargo-builds.ts";
import { privateEngine } from "../integration/engine.ts";
import { setup } from "../integration/global-setup.ts";
import { testRegistry } from "../integration/registry.ts";
import { CRATES, generatedWorkspace } from "./cargo-workspace.ts";
import { type HostCargo, hostCargo } from "./host-cargo.ts";
import type { BenchPlace } from "./main.ts";

const apps = ["app0", "app1", "app2"];
const both: readonly Partial<Variant>[] = [{ architecture: "x86_64" }, { architecture: "aarch64" }];

/** A generated workspace, and the two ways to build its programs. */
interface Contest {
  readonly engine: CargoEngine;
  readonly root: string;
  readonly id: string;
  readonly host: HostCargo;
  readonly print: (line: string) => void;
}

export async function benchCargo({ print }: BenchPlace): Promise<void> {
  if (process.getuid?.() !== 0)
    return print("cargo: left out, as it takes root to run the builder's cargo on the host");
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-bench-cargo-"));
  const rootfs = mkdtempSync(join(tmpdir(), "mzbuild-bench-builder-"));
  const id = `bench-${randomUUID()}`;
  const root = writeWorkspace(join(directory, "workspace"), id);
  const leave = await setup();
  const engine = await cargoEngine();
  try {
    const { failure } = await solveState(engine, engine.builder, { directories: {}, destination: rootfs });
    if (failure !== undefined) throw new Error(failure.message);
    const host = await hostCargo(rootfs, directory, await nicenessOf(engine));
    host.run("cargo", ["generate-lockfile"]);
    execFileSync("git", ["init", "--quiet"], { cwd: root });
    const packages = readFileSync(join(root, "Cargo.lock"), "utf8").split("[[package]]").length - 1;
    print(`cargo: ${packages} packages, ${apps.length} programs, ${host.run("rustc", ["--version"]).trim()}`);
    await compete({ engine, root, id, host, print });
  } finally {
    await forgetCaches(engine, id);
    await engine.client.close();
    await leave();
    for (const each of [directory, rootfs]) rmSync(each, { recursive: true, force: true });
  }
}

/** How much the engine's processes yield to others, compared with ours: whoever started it may have wanted that. */
async function nicenessOf(engine: CargoEngine): Promise<number> {
  const asked = engine.bare.run(["/bin/sh", "-c", `nice; echo ${randomUUID()} >/dev/null`], { name: "niceness" });
  const { log } = await solveState(engine, asked.root, { directories: {} });
  return Math.max(0, Number(log.trim()) - Number(execFileSync("nice", { encoding: "utf8" }).trim()));
}

async function compete(contest: Contest): Promise<void> {
  const { engine, root, id, host } = contest;
  const build = ["build", "--locked", ...apps.flatMap((app) => ["--bin", app])];
  const onHost = (): string => host.run("cargo", [...build, "--offline"]);
  const bothOnHost = (): string =>
    host.run("cargo", [
      ...build,
      "--offline",
      ...both.flatMap(({ architecture }) => ["--target", tripleOf(architecture)]),
    ]);
  await forgetCaches(engine, "mzbuild/cargo-downloads");
  await compare(contest, "cold, with downloads", { host: () => host.run("cargo", build) });
  await compare(contest, "nothing changed", { host: onHost, rounds: 3 });
  const edited = (crate: string) => ({ host: onHost, rounds: 3, before: () => change(root, crate) });
  await compare(contest, "one line in a crate that one program needs", edited("crate29"));
  await compare(contest, "one line in a crate under all others", edited("crate0"));
  // The part of the workspace alone, on the host: its crates from nothing, dependencies compiled.
  const crates = [...Array.from({ length: CRATES }, (_, index) => `crate${index}`), ...apps];
  const workspaceOnly = () => {
    host.run("cargo", ["clean", "--offline", ...crates.flatMap((crate) => ["-p", crate])]);
    change(root, "crate0");
  };
  const elsewhere = { id: `${id}-elsewhere` };
  await compare(contest, "no cache mounts, compiled dependencies cached", {
    before: workspaceOnly,
    host: onHost,
    build: elsewhere,
  });
  await onFreshDaemons(contest, { before: workspaceOnly, host: onHost });
  const other = { variants: both, id: `${id}-both` };
  await compare(contest, "both platforms, cold", { host: bothOnHost, build: other });
  await compare(contest, "both platforms, one line under all others", {
    host: bothOnHost,
    before: () => change(root, "crate0"),
    build: other,
  });
}

interface Scenario {
  /** Before each side of each round; takes no time. */
  readonly before?: () => void;
  readonly host: () => unknown;
  readonly build?: Partial<CargoBuild>;
  readonly rounds?: number;
}

async function compare(
  contest: Contest,
  name: string,
  { before, host, build = {}, rounds = 1 }: Scenario,
): Promise<void> {
  const theirs: number[] = [];
  const ours: number[] = [];
  let crates: readonly string[] = [];
  for (let round = 0; round < rounds; round++) {
    before?.();
    theirs.push(await seconds(host));
    ours.push(
      await seconds(async () => {
        crates = await inBuildKit(contest, build);
      }),
    );
  }
  report(contest, name, { theirs: median(theirs), ours: median(ours), crates });
}

function report(
  { print }: Contest,
  name: string,
  { theirs, ours, crates }: { readonly theirs: number; readonly ours: number; readonly crates: readonly string[] },
): void {
  const own = crates.filter((crate) => /^(?:crate|app)\d+$/.test(crate)).length;
  const times = `host ${theirs.toFixed(2).padStart(7)} s   ours ${ours.toFixed(2).padStart(7)} s   ${(ours / theirs).toFixed(2)} ×`;
  const what = `compiled ${own} of the workspace's crates, ${crates.length - own} others`;
  print(`  ${name.padEnd(46)} ${times}   ${what}`);
}

/** Engines of their own with nothing, and the cache in a registry. The host has its toolchain; ours is a layer of the cache. */
async function onFreshDaemons(contest: Contest, { before, host }: Scenario): Promise<void> {
  await using registry = await testRegistry();
  if (registry === undefined) return;
  const cache = `type=registry,ref=${registry.host}/cache:bench`;
  await inBuildKit(contest, { caches: { to: `${cache},mode=max,compression=zstd` } });
  for (const pulled of [false, true]) {
    before?.();
    const theirs = await seconds(host);
    await using fresh = await privateEngine();
    const engine = await cargoEngine(fresh.address);
    try {
      if (pulled) await pullBuilder(engine, cache);
      let crates: readonly string[] = [];
      const ours = await seconds(async () => {
        crates = await inBuildKit({ ...contest, engine }, { caches: { from: cache } });
      });
      const name = `a fresh daemon, cache of a registry${pulled ? ", builder pulled" : ""}`;
      report(contest, name, { theirs, ours, crates });
    } finally {
      await engine.client.close();
    }
  }
}

async function pullBuilder(engine: CargoEngine, cache: string): Promise<void> {
  const ran = engine.builder.run(["/bin/true"], { name: "a step in the builder" });
  const { failure } = await solveState(engine, ran.root, { directories: {}, caches: { from: cache } });
  if (failure !== undefined) throw new Error(failure.message);
}

function writeWorkspace(root: string, id: string): string {
  for (const [path, text] of Object.entries(generatedWorkspace())) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  // Nothing of an earlier run may be a cache hit.
  appendFileSync(join(root, "src/crate0/Cargo.toml"), `\n[package.metadata]\nrun = "${id}"\n`);
  change(root, "crate0");
  return root;
}

/** Names of the crates that were compiled, stubs of the dependencies' vertex left out. */
async function inBuildKit({ engine, root, id }: Contest, options: Partial<CargoBuild>): Promise<readonly string[]> {
  const repository = await openRepository(gitWorkTree(root, { env: process.env }));
  const outcome = await buildCargo(engine, { repository, root, id, images: apps, ...options });
  if (outcome.failure !== undefined) throw new Error(`${outcome.failure.message}\n${outcome.log}`);
  return compiled(outcome);
}

function change(root: string, crate: string): void {
  appendFileSync(join(root, `src/${crate}/src/lib.rs`), `pub fn changed_${randomUUID().replaceAll("-", "_")}() {}\n`);
}

function tripleOf(architecture: string | undefined): string {
  return `${architecture}-unknown-linux-gnu`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function seconds(run: () => unknown): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}
