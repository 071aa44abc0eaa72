/**
 * `bin/public-suite [TEST…]`: BuildKit's own integration tests of Dockerfile frontends (frontend/dockerfile of its module), which
 * run against any frontend image. Each runs on the official frontend as well: what that doesn't pass here, on stand-ins for
 * images of Docker Hub and without some kernel features, says nothing about ours. TEST is the name of a test or a pattern of
 * Go's. Exit code 1: a test fails that the official frontend passes.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDir } from "../../client/engine/host.ts";
import { connectAddress, RpcClient } from "../../client/index.ts";
import { officialFrontend } from "../bench/official-frontend.ts";
import { dockerRoot } from "../integration/docker-root.ts";
import { testEngine, testHost } from "../integration/engine.ts";
import { type SuitePrograms, suitePrograms, VERSION } from "./programs.ts";
import { compareResults, type Results, readResults } from "./results.ts";
import { fillMirror } from "./stand-ins.ts";

const [root = process.cwd(), ...patterns] = process.argv.slice(2);
const cache = join(cacheDir(testHost()), "test-suite", VERSION);
const mirror = join(cache, "mirror");
const print = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  mkdirSync(cache, { recursive: true });
  const programs = await suitePrograms(cache, print);
  const docker = await dockerRoot();
  if (docker.kind === "missing") throw new Error(docker.reason);
  const { address } = await testEngine();
  const client = new RpcClient({ connect: connectAddress(address) });
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-suite-"));
  try {
    if (!existsSync(join(mirror, "data"))) await fillMirror(client, docker.programs.busybox, join(mirror, "data"));
    const theirs = join(cache, "official.tar");
    if (!existsSync(theirs)) await packOfficial(client, directory, theirs);
    const ours = join(directory, "ours.tar");
    run("bin/build-frontend", ["--output", ours, "--platform", `linux/${goArch()}`, "--buildkit", address]);
    const official = await runSuite("official", theirs, programs);
    const { summary, worse } = compareResults(official, await runSuite("ours", ours, programs));
    for (const name of worse) print(`worse than the official frontend: ${name}`);
    print(summary);
    return worse.length > 0 || official.size === 0 ? 1 : 0;
  } finally {
    await client.close();
    rmSync(directory, { recursive: true });
  }
}

async function packOfficial(client: RpcClient, directory: string, archive: string): Promise<void> {
  const found = await officialFrontend(client, directory, print);
  if (found === undefined) throw new Error("the official frontend can't be built");
  run("tar", ["-cf", archive, "-C", found.layout, "."]);
}

/** All chosen tests on the frontend image in `archive`, two daemons at a time. */
async function runSuite(name: string, archive: string, programs: SuitePrograms): Promise<Results> {
  const log = join(cache, `${name}.log`);
  print(`running the tests on the ${name} frontend; what they say: ${log}`);
  const output = openSync(log, "w");
  const chosen = patterns.length === 0 ? ".*" : `^(${patterns.join("|")})$`;
  const flags = ["-test.v", "-test.timeout=60m", `-test.run=^TestIntegration$/${chosen}/^worker=oci$`];
  const env = {
    ...process.env,
    PATH: `${programs.binDir}:${process.env["PATH"]}`,
    FRONTEND_GATEWAY_ONLY: `local:${archive}`,
    BUILDKIT_REGISTRY_MIRROR_DIR: mirror,
    GOMAXPROCS: "2",
  };
  // A mount namespace of its own: what a test that fails leaves mounted goes with it.
  const command = ["--mount", "--propagation", "private", programs.tests, ...flags];
  const child = spawn("unshare", command, { cwd: programs.directory, env, stdio: ["ignore", output, output] });
  closeSync(output);
  await new Promise((resolve) => child.once("close", resolve));
  return readResults(readFileSync(log, "utf8"));
}

function goArch(): string {
  return process.arch === "arm64" ? "arm64" : "amd64";
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}

process.exitCode = await main();
