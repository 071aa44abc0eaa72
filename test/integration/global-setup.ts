// Starts the shared engine before the first integration test, where its setup can be seen, and stops it after the last,
// unless another run of the tests still uses it: each holds a shared lock on a lease file meanwhile.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { say, sharedEngine } from "./engine.ts";

export async function setup(): Promise<() => Promise<void>> {
  if (process.env["MZBUILD_TEST_ENGINE"]) return async () => {};
  const engine = sharedEngine();
  const leaseFile = `${engine.logFile}.lease`;
  mkdirSync(dirname(leaseFile), { recursive: true });
  const lease = spawn("flock", ["-s", leaseFile, "cat"], { stdio: ["pipe", "ignore", "ignore"] });
  const ended = new Promise<void>((resolve) => lease.once("close", () => resolve()));
  const { description } = await engine.start(say);
  say({ kind: "setup", text: description });
  return async () => {
    lease.stdin.end();
    await ended;
    if (spawnSync("flock", ["-x", "-n", leaseFile, "true"]).status === 0) await engine.stop();
  };
}
