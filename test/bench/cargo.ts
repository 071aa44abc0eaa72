/**
 * `npm run bench cargo`: cargo inside BuildKit beside cargo on the host, the same toolchain and the same workspace, one after the
 * other in each scenario. The host's rustup toolchain is the builder's. Prints times and ratios; asserts nothing. Every scenario
 * is run once: differences of a tenth mean nothing.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { copy, local, type State } from "../../llb/index.ts";
import { gitWorkTree, openRepository } from "../../mzbuild/index.ts";
import {
  buildCargo,
  type CargoBuild,
  type CargoEngine,
  cargoEngine,
  forgetCaches,
  solveState,
} from "../integration/cargo-builds.ts";
import { generatedWorkspace } from "./cargo-workspace.ts";
import type { BenchPlace } from "./main.ts";

const apps = ["app0", "app1", "app2"];

/** A generated workspace, and the two ways to build its programs. */
interface Contest {
  readonly engine: CargoEngine;
  readonly root: string;
  readonly id: string;
  /** The host's toolchain. */
  readonly sysroot: string;
  readonly builder: State;
  readonly onHost: (command: string, args: readonly string[]) => string;
}

export async function benchCargo({ print }: BenchPlace): Promise<void> {
  if (spawnSync("cargo", ["--version"]).error !== undefined) return print("cargo: left out, as this machine has none");
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-bench-cargo-"));
  const id = `bench-${randomUUID()}`;
  const root = writeWorkspace(join(directory, "workspace"), id);
  const env = { ...process.env, CARGO_HOME: join(directory, "cargo-home") };
  const onHost = (command: string, args: readonly string[]): string =>
    execFileSync(command, args, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const engine = await cargoEngine();
  try {
    onHost("cargo", ["generate-lockfile"]);
    onHost("git", ["init", "--quiet"]);
    const packages = readFileSync(join(root, "Cargo.lock"), "utf8").split("[[package]]").length - 1;
    print(`cargo: ${packages} packages, ${apps.length} programs, ${onHost("rustc", ["--version"]).trim()}`);
    const sysroot = onHost("rustc", ["--print", "sysroot"]).trim();
    await compete({ engine, root, id, sysroot, builder: builderWith(engine), onHost }, print);
  } finally {
    await forgetCaches(engine, id);
    await engine.client.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compete(contest: Contest, print: (line: string) => void): Promise<void> {
  const { engine, root, id, sysroot, builder, onHost } = contest;
  const compare = async (name: string, host: () => unknown, options: Partial<CargoBuild> = {}): Promise<void> => {
    const theirs = await seconds(host);
    const ours = await seconds(() => inBuildKit(contest, options));
    const times = `host ${theirs.toFixed(2).padStart(7)} s   ours ${ours.toFixed(2).padStart(7)} s`;
    print(`  ${name.padEnd(44)} ${times}   ${(ours / theirs).toFixed(2)} ×`);
  };
  const build = ["build", "--locked", ...apps.flatMap((app) => ["--bin", app])];
  const buildOnHost = (): string => onHost("cargo", [...build, "--offline"]);
  // The builder is made before anything is timed.
  await solveState(engine, builder, { directories: { toolchain: sysroot } });
  await forgetCaches(engine, "mzbuild/cargo-downloads");
  await compare("cold, with downloads", () => onHost("cargo", build));
  await compare("nothing changed", buildOnHost);
  change(root, "crate29");
  await compare("one line in a crate that one program needs", buildOnHost);
  change(root, "crate0");
  await compare("one line in a crate under all others", buildOnHost);
  change(root, "crate0");
  // The part of the workspace alone, on the host: its crates from nothing, dependencies compiled.
  const crates = [...Array.from({ length: 30 }, (_, index) => `crate${index}`), ...apps];
  onHost("cargo", ["clean", "--offline", ...crates.flatMap((crate) => ["-p", crate])]);
  await compare("no cache mounts, compiled dependencies cached", buildOnHost, { id: `${id}-elsewhere` });
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

/** The host's own toolchain, in Debian with a C compiler. */
function builderWith({ bare }: CargoEngine): State {
  const compilers = bare.run(
    ["/bin/sh", "-c", "apt-get update -qq && apt-get install -qq -y --no-install-recommends gcc libc6-dev"],
    { name: "C compiler" },
  ).root;
  const toolchain = local("toolchain", { excludePatterns: ["share", "lib/rustlib/src"], sharedKeyHint: "toolchain" });
  return compilers
    .file([copy(toolchain, "/", "/rust", { dirCopyContents: true, createDestPath: true })])
    .env("PATH", "/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

async function inBuildKit(
  { engine, root, id, sysroot, builder }: Contest,
  options: Partial<CargoBuild>,
): Promise<void> {
  const repository = await openRepository(gitWorkTree(root, { env: process.env }));
  const directories = { toolchain: sysroot };
  const build = { repository, root, id, images: apps, builder, directories, ...options };
  const { failure, log } = await buildCargo(engine, build);
  if (failure !== undefined) throw new Error(`${failure.message}\n${log}`);
}

function change(root: string, crate: string): void {
  appendFileSync(join(root, `src/${crate}/src/lib.rs`), `pub fn changed_${randomUUID().replaceAll("-", "_")}() {}\n`);
}

async function seconds(run: () => unknown): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}
