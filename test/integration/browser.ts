// A browser without a screen, for pages that people will look at: this machine's Chromium, else Debian's package, which takes root.
import { spawnSync } from "node:child_process";
import { findProgram } from "../../client/engine/command.ts";
import { say, testHost } from "./engine.ts";

/** Its path; undefined, after a line that says why, where there is none and none can be had. */
export function chromium(): string | undefined {
  const find = () => findProgram(testHost(), "chromium") ?? findProgram(testHost(), "google-chrome");
  const there = find();
  if (there !== undefined) return there;
  if (process.getuid?.() !== 0 || findProgram(testHost(), "apt-get") === undefined) {
    say({ kind: "setup", text: "there is no chromium, and nobody to install it" });
    return undefined;
  }
  say({ kind: "setup", text: "installing the package chromium" });
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = () =>
    spawnSync("apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", "chromium"], { env });
  if (install().status !== 0) {
    spawnSync("apt-get", ["--quiet", "update"], { env });
    const { status, stderr } = install();
    if (status !== 0)
      say({ kind: "setup", text: `chromium can't be installed: ${String(stderr).trim().split("\n").at(-1)}` });
  }
  return find();
}
