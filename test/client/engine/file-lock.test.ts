import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withFileLock } from "../../../client/engine/file-lock.ts";
import { temporaryDirectory } from "./test-host.ts";

const path = process.env["PATH"] ?? "";

/** A promise and its own resolution. */
function signalled(): { readonly when: Promise<void>; readonly now: () => void } {
  let now: () => void = () => {};
  const when = new Promise<void>((resolve) => {
    now = resolve;
  });
  return { when, now };
}

describe.skipIf(process.platform !== "linux")("a lock on a file", () => {
  test("lets the second wait until the first is done, and says that it waits", async () => {
    const file = join(await temporaryDirectory(), "made/on/demand/lock");
    const order: string[] = [];
    const [started, waiting] = [signalled(), signalled()];
    const first = withFileLock(file, { path }, async () => {
      started.now();
      await waiting.when;
      order.push("first");
    });
    await started.when;
    const second = withFileLock(file, { path, onWait: waiting.now }, async () => void order.push("second"));
    await Promise.all([first, second]);
    expect(order).toEqual(["first", "second"]);
  });

  test("is free again after an error", async () => {
    const file = join(await temporaryDirectory(), "lock");
    const failing = withFileLock(file, { path }, () => Promise.reject(new Error("inside")));
    await expect(failing).rejects.toThrow("inside");
    expect(await withFileLock(file, { path }, async () => "mine")).toBe("mine");
  });

  test("is free again after its holder was killed", async () => {
    const file = join(await temporaryDirectory(), "lock");
    // What withFileLock does, in a process that can be killed: hold the lock through a child that reads from us.
    const script = `const { spawn } = require("node:child_process");
      const child = spawn("flock", ["-x", ${JSON.stringify(file)}, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "inherit", "inherit"] });`;
    const holder = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    let waited = false;
    const ours = withFileLock(file, { path, onWait: () => holder.kill("SIGKILL") }, async () => {
      waited = true;
    });
    await ours;
    expect(waited).toBe(true);
  });

  test("is given up when the signal aborts", async () => {
    const file = join(await temporaryDirectory(), "lock");
    const abort = new AbortController();
    await withFileLock(file, { path }, async () => {
      const onWait = () => abort.abort(new Error("enough"));
      const second = withFileLock(file, { path, onWait, signal: abort.signal }, async () => {});
      await expect(second).rejects.toThrow("enough");
    });
  });

  test("says what is missing where there is no flock", async () => {
    const file = join(await temporaryDirectory(), "lock");
    const taking = withFileLock(file, { path: "/nonexistent" }, async () => {});
    await expect(taking).rejects.toMatchObject({ code: "missing-program" });
  });
});
