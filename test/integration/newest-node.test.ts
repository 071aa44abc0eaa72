import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cacheDir } from "../../client/engine/host.ts";
import type { GitRepository } from "../mzbuild/git-repository.ts";
import { say, testHost } from "./engine.ts";
import { tourRepository } from "./mzimage.ts";

/** The programs with a Node newer than the one that is here: what they answer is the same, and Node warns of nothing. */

const VERSION = "26.10.0";

let node: string;
let repository: GitRepository;

beforeAll(async () => {
  const prefix = join(cacheDir(testHost()), `test-node-${VERSION}`);
  // As npm knows its platforms.
  const name = `node-${process.platform}-${process.arch}`;
  node = join(prefix, "node_modules", name, "bin");
  if (!existsSync(join(node, "node"))) {
    say({ kind: "setup", text: `installing Node ${VERSION} from npm, once` });
    const options = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
    await execa("npm", ["install", ...options, "--prefix", prefix, `${name}@${VERSION}`], { stdin: "ignore" });
  }
  repository = tourRepository();
});

afterAll(() => repository[Symbol.dispose]());

test.each([
  ["mzimage", "list", "--json"],
  ["mzimage", "fingerprint", "--all"],
  ["mzimage", "describe", "billing-demo"],
  ["mzimage", "plan", "--json"],
  ["mzimage", "graph", "--format", "dot"],
  ["mzimage", "why", "billing-demo", "--against", "HEAD"],
  ["mzimage", "check", "--all"],
  ["mzimage", "build", "no-such-image"],
  ["mzdazzle", "project", "list"],
  ["mzcompose", "list-compositions"],
  ["mzcompose", "--find", "billing", "list-workflows"],
  ["mzcompose", "--find", "billing", "describe"],
])("%s %s", async (program, ...args) => {
  const run = (PATH: string) =>
    execa(resolve("bin", program), args, { cwd: repository.root, env: { PATH }, all: true, reject: false });
  const path = process.env["PATH"] ?? "";
  expect((await execa("node", ["--version"], { env: { PATH: `${node}:${path}` } })).stdout).toBe(`v${VERSION}`);
  // The second time it is the code that V8 has kept.
  for (const _round of [1, 2]) {
    const [newest, ours] = [await run(`${node}:${path}`), await run(path)];
    expect({ all: newest.all, exitCode: newest.exitCode }).toEqual({ all: ours.all, exitCode: ours.exitCode });
    expect(ours.all).not.toContain("Warning");
  }
});
