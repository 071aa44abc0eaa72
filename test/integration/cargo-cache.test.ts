// What a machine that has nothing compiles, when it imports the cache of another: both platforms of the tour.
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type GitRepository, repositoryAt } from "../mzbuild/git-repository.ts";
import { buildCargo, type CargoBuild, type CargoEngine, cargoEngine, forgetCaches } from "./cargo-builds.ts";
import { privateEngine } from "./engine.ts";
import { testRegistry } from "./registry.ts";

const id = `test-${randomUUID()}`;
const variants = [{ architecture: "x86_64" }, { architecture: "aarch64" }] as const;

async function builtTour(engine: CargoEngine, git: GitRepository, caches: NonNullable<CargoBuild["caches"]>) {
  const build = { repository: await git.open(), root: git.root, id, images: ["billing-demo"], variants, caches };
  const outcome = await buildCargo(engine, build);
  if (outcome.failure !== undefined) throw new Error(`${outcome.failure.message}\n${outcome.log}`);
  return outcome;
}

/** Edits there and back, each built by one of two machines that share a cache and nothing else: none ships what the other one's was. */
async function alternate(
  git: GitRepository,
  engines: readonly CargoEngine[],
  caches: NonNullable<CargoBuild["caches"]>,
) {
  const destination = mkdtempSync(join(tmpdir(), "mzbuild-cargo-out-"));
  const main = readFileSync(join(git.root, "src/billing-demo/src/main.rs"), "utf8");
  const ledger = readFileSync(join(git.root, "src/ledger/src/lib.rs"), "utf8");
  try {
    for (const [engine, mark, note] of [
      [0, "A", "1"],
      [1, "B", "1"],
      [0, "B", "2"],
      [1, "A", "2"],
      [0, "A", "3"],
    ] as const) {
      git.write({
        "src/ledger/src/lib.rs": `${ledger}pub const MARK: &str = "${mark}";\n`,
        "src/billing-demo/src/main.rs": main.replace(
          /fn main\(.*\n/,
          (line) => `${line}    eprint!("{}", ledger::MARK);\n`,
        ),
        "src/billing-demo/README.md": note,
      });
      const build = { repository: await git.open(), root: git.root, id, images: ["billing-demo"], caches, destination };
      const { failure, log } = await buildCargo(engines[engine]!, build);
      expect(failure, log).toBeUndefined();
      const program = join(
        destination,
        "billing-demo",
        process.arch === "arm64" ? "aarch64" : "x86_64",
        "billing-demo",
      );
      expect(spawnSync(program, ["--count", "1"], { encoding: "utf8" }).stderr).toBe(mark);
    }
  } finally {
    rmSync(destination, { recursive: true, force: true });
  }
}

test("an empty daemon with an imported cache downloads nothing and compiles crates of the workspace only", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-cargo-cache-"));
  // A registry where there is one: both carry the same.
  await using registry = await testRegistry();
  const place = registry === undefined ? "type=local" : `type=registry,ref=${registry.host}/cache:tour`;
  const shared = await cargoEngine();
  try {
    const root = join(directory, "tour");
    cpSync("examples/tour", root, { recursive: true, filter: (path) => !path.endsWith("/target") });
    const git = repositoryAt(root);
    git.git("init", "--quiet");
    git.write({ "src/billing-demo/ID": id });
    const to = registry === undefined ? `${place},dest=${directory}/cache` : place;
    const from = registry === undefined ? `${place},src=${directory}/cache` : place;
    await builtTour(shared, git, { to: `${to},mode=max,compression=zstd` });

    const ledger = readFileSync(join(root, "src/ledger/src/lib.rs"), "utf8");
    git.write({ "src/ledger/src/lib.rs": `${ledger}// changed\n` });
    await using fresh = await privateEngine();
    const empty = await cargoEngine(fresh.address);
    try {
      const { log } = await builtTour(empty, git, { from });
      const compiled = [...log.replace(/\u001b\[[0-9;]*m/g, "").matchAll(/Compiling (\S+)/g)].map(([, name]) => name);
      expect(compiled.sort()).toEqual(["billing-demo", "ledger", "rates"].flatMap((name) => variants.map(() => name)));
      // What cargo's fetch and apt say where they run.
      expect(log).not.toMatch(/Download(?:ing|ed) |Unpacking /);
      await alternate(git, [shared, empty], { to: `${to},mode=max,compression=zstd`, from });
    } finally {
      await empty.client.close();
    }
  } finally {
    await forgetCaches(shared, id);
    await shared.client.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
