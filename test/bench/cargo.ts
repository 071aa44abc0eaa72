/**
 * Cargo inside BuildKit beside cargo on the host: the same toolchain, the same workspace, one after the other in each scenario.
 * The host's rustup toolchain is the builder's. Prints times and ratios; asserts nothing. Every scenario is run once: differences
 * of a tenth mean nothing.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { copy, local } from "../../llb/index.ts";
import { gitWorkTree, openRepository } from "../../mzbuild/index.ts";
import { buildCargo, type CargoBuild, cargoEngine, forgetCaches, solveState } from "../integration/cargo-builds.ts";
import { generatedWorkspace } from "./cargo-workspace.ts";

const directory = mkdtempSync(join(tmpdir(), "mzbuild-bench-cargo-"));
const root = join(directory, "workspace");
const apps = ["app0", "app1", "app2"];
const id = `bench-${randomUUID()}`;

for (const [path, text] of Object.entries(generatedWorkspace())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
// Nothing of an earlier run may be a cache hit.
appendFileSync(join(root, "src/crate0/Cargo.toml"), `\n[package.metadata]\nrun = "${id}"\n`);
change("crate0");
const env = { ...process.env, CARGO_HOME: join(directory, "cargo-home") };
const onHost = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd: root, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
onHost("cargo", ["generate-lockfile"]);
onHost("git", ["init", "--quiet"]);
const packages = readFileSync(join(root, "Cargo.lock"), "utf8").split("[[package]]").length - 1;
process.stdout.write(`${packages} packages, ${apps.length} programs, ${onHost("rustc", ["--version"])}`);

const engine = await cargoEngine();
const sysroot = onHost("rustc", ["--print", "sysroot"]).trim();
const compilers = engine.bare.run(
  ["/bin/sh", "-c", "apt-get update -qq && apt-get install -qq -y --no-install-recommends gcc libc6-dev"],
  { name: "C compiler" },
).root;
const toolchain = local("toolchain", { excludePatterns: ["share", "lib/rustlib/src"], sharedKeyHint: "toolchain" });
const builder = compilers
  .file([copy(toolchain, "/", "/rust", { dirCopyContents: true, createDestPath: true })])
  .env("PATH", "/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

async function inBuildKit(options: Partial<CargoBuild> = {}): Promise<void> {
  const repository = await openRepository(gitWorkTree(root, { env: process.env }));
  const directories = { toolchain: sysroot };
  const outcome = await buildCargo(engine, {
    repository,
    root,
    id,
    images: apps,
    builder,
    directories,
    ...options,
  });
  if (outcome.failure !== undefined) throw new Error(`${outcome.failure.message}\n${outcome.log}`);
}

const cargoOnHost = (...options: readonly string[]): string =>
  onHost("cargo", ["build", "--locked", ...options, ...apps.flatMap((app) => ["--bin", app])]);
const fetchAndBuildOnHost = (): string => cargoOnHost();
const buildOnHost = (): string => cargoOnHost("--offline");

function change(crate: string): void {
  appendFileSync(join(root, `src/${crate}/src/lib.rs`), `pub fn changed_${randomUUID().replaceAll("-", "_")}() {}\n`);
}

async function seconds(run: () => unknown): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

async function compare(name: string, host: () => unknown, ours: () => unknown): Promise<void> {
  const [theirs, mine] = [await seconds(host), await seconds(ours)];
  const ratio = (mine / theirs).toFixed(2);
  process.stdout.write(
    `  ${name.padEnd(44)} host ${theirs.toFixed(2).padStart(7)} s   ours ${mine.toFixed(2).padStart(7)} s   ${ratio} ×\n`,
  );
}

try {
  // The builder is made before anything is timed.
  await solveState(engine, builder, { directories: { toolchain: sysroot } });
  await forgetCaches(engine, "mzbuild/cargo-downloads");
  await compare("cold, with downloads", fetchAndBuildOnHost, inBuildKit);
  await compare("nothing changed", buildOnHost, inBuildKit);
  change("crate29");
  await compare("one line in a crate that one program needs", buildOnHost, inBuildKit);
  change("crate0");
  await compare("one line in a crate under all others", buildOnHost, inBuildKit);
  change("crate0");
  // The part of the workspace alone, on the host: its crates from nothing, dependencies compiled.
  await compare("no cache mounts, compiled dependencies cached", cleanWorkspaceOnHost, () =>
    inBuildKit({ id: `${id}-elsewhere` }),
  );
} finally {
  await forgetCaches(engine, id);
  await engine.client.close();
  rmSync(directory, { recursive: true, force: true });
}

function cleanWorkspaceOnHost(): void {
  const crates = [...Array.from({ length: 30 }, (_, index) => `crate${index}`), ...apps];
  onHost("cargo", ["clean", "--offline", ...crates.flatMap((crate) => ["-p", crate])]);
  buildOnHost();
}
