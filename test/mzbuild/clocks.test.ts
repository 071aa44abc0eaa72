// Clocks that jump, and dates that lie: with the cache of hashes, a fingerprint is what it is without.
import { chmodSync, copyFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { gitWorkTree, hashCache, openRepository, type Variant } from "../../mzbuild/index.ts";
import { type GitRepository, gitRepository, image } from "./git-repository.ts";

const VARIANT: Variant = { profile: "optimized", architecture: "x86_64", coverage: false, sanitizer: "none" };
const HOUR_MS = 3_600_000;

async function fingerprint({ root, env }: GitRepository, offsetMs?: number): Promise<string | undefined> {
  const file = join(root, "../hashes");
  const cache = offsetMs === undefined ? undefined : hashCache({ file, startedMs: Date.now() + offsetMs });
  const tree = gitWorkTree(root, { env, ...(cache === undefined ? {} : { hasher: cache }) });
  const found = (await (await openRepository(tree)).fingerprints(["app"], VARIANT)).get("app");
  cache?.save();
  return found;
}

/** The same numbers every time: a test that fails can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

test("whatever the clock says, and whatever dates files are given, no change goes unnoticed", async () => {
  using git = gitRepository(image("app", { a: "0000", b: "1111" }));
  const [a, b] = [join(git.root, "images/app/a"), join(git.root, "images/app/b")];
  const random = numbers(7);
  const digits = (): string => String(1000 + random(9000));
  const withOldDate = (change: () => void): void => {
    change();
    utimesSync(a, 1e9, 1e9);
  };
  const changes: readonly (() => void)[] = [
    () => writeFileSync(a, digits()),
    () => withOldDate(() => writeFileSync(a, digits())),
    () => {
      writeFileSync(a, digits());
      utimesSync(a, new Date(Date.now() + HOUR_MS), new Date(Date.now() + HOUR_MS));
    },
    () => utimesSync(a, 0, 0),
    () => withOldDate(() => writeFileSync(a, digits())),
    () => withOldDate(() => copyFileSync(b, a)),
    () => {
      renameSync(a, `${a}.old`);
      renameSync(b, a);
      renameSync(`${a}.old`, b);
    },
    () => chmodSync(a, random(2) === 0 ? 0o755 : 0o644),
    () => void git.git("add", "--all"),
    () => void git.git("status", "--short"),
    () => undefined,
  ];
  for (let step = 0; step < 30; step++) {
    const what = random(changes.length);
    changes[what]?.();
    const offsetMs = [0, -HOUR_MS, HOUR_MS][random(3)];
    expect(await fingerprint(git, offsetMs), `step ${step}: change ${what}, clock ${offsetMs}`).toBe(
      await fingerprint(git),
    );
    // More than a tick of the disk's clock: a run whose clock is ahead takes everything for old.
    await pause(10);
  }
}, 30_000);

test("a file that changes in the tick in which git has looked at it, and keeps its size, is seen", async () => {
  using git = gitRepository(image("app", { a: "0000" }));
  const before = await fingerprint(git, 0);
  const date = new Date(Math.floor(Date.now() / 1000) * 1000);
  const file = join(git.root, "images/app/a");
  utimesSync(file, date, date);
  git.git("add", "--all");
  writeFileSync(file, "1111");
  utimesSync(file, date, date);
  const changed = await fingerprint(git, 0);
  expect(changed).not.toBe(before);
  writeFileSync(file, "0000");
  utimesSync(file, date, date);
  expect(await fingerprint(git, 0)).toBe(before);
});
