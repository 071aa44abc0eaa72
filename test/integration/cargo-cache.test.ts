// What a machine that has nothing compiles, when it imports the cache of another: both platforms of the tour.
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
    } finally {
      await empty.client.close();
    }
  } finally {
    await forgetCaches(shared, id);
    await shared.client.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
