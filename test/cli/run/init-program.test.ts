import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { initProgram } from "../../../cli/run/init-program.ts";
import { parseArchitecture } from "../../../mzbuild/index.ts";

describe.skipIf(process.platform !== "linux")("the first process of a container", () => {
  test("runs on this machine, ignores what its children do, and waits", async () => {
    const directory = mkdtempSync(join(tmpdir(), "mzbuild-init-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "init");
    writeFileSync(file, initProgram(parseArchitecture(process.arch)), { mode: 0o755 });
    const child = spawn(file, { stdio: "ignore" });
    const ended = once(child, "exit");
    // Bit n - 1 stands for signal n, and SIGCHLD is 17.
    await expect.poll(() => ignoredSignals(child.pid) & (1n << 16n)).not.toBe(0n);
    await expect.poll(() => statusOf(child.pid, "State")).toMatch(/^S/);
    child.kill("SIGTERM");
    expect(await ended).toEqual([null, "SIGTERM"]);
  });
});

function ignoredSignals(pid: number | undefined): bigint {
  return BigInt(`0x${statusOf(pid, "SigIgn")}`);
}

function statusOf(pid: number | undefined, field: string): string {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${field}:`));
  return line?.slice(field.length + 1).trim() ?? "";
}
