import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type DaemonState,
  readDaemonState,
  runningPid,
  writeDaemonState,
} from "../../../client/engine/embedded/daemon-state.ts";
import { type EmbeddedLayout, embeddedLayout } from "../../../client/engine/embedded/layout.ts";
import { emptyHost } from "./test-host.ts";

async function emptyLayout(): Promise<EmbeddedLayout> {
  const layout = embeddedLayout(await emptyHost());
  await mkdir(layout.stateDir, { recursive: true });
  return layout;
}

/** A process that has the given words on its command line, as a daemon has its configuration file. */
async function processWith(...words: readonly string[]): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn("sh", ["-c", "echo ready; read -r forever", "sh", ...words], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  if (child.pid === undefined) throw new Error("sh can't be run");
  return Object.assign(child, { pid: child.pid });
}

describe.skipIf(process.platform !== "linux")("the running daemon", () => {
  test("is the process of the pid file, if it runs with our configuration", async () => {
    const layout = await emptyLayout();
    expect(await runningPid(layout)).toBeUndefined();
    const { pid } = await processWith("--config", layout.configFile);
    await writeFile(layout.pidFile, `${pid}\n`);
    expect(await runningPid(layout)).toBe(pid);
  });

  test("is not another process that got its pid", async () => {
    const layout = await emptyLayout();
    const { pid } = await processWith("--config", `${layout.configFile}.other`);
    await writeFile(layout.pidFile, `${pid}\n`);
    expect(await runningPid(layout)).toBeUndefined();
  });

  test("is none once its process was killed", async () => {
    const layout = await emptyLayout();
    const child = await processWith(layout.configFile);
    await writeFile(layout.pidFile, `${child.pid}\n`);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await runningPid(layout)).toBeUndefined();
  });

  test.each(["", "nonsense", "-1", "0"])("is none when the pid file holds %j", async (text) => {
    const layout = await emptyLayout();
    await writeFile(layout.pidFile, text);
    expect(await runningPid(layout)).toBeUndefined();
  });
});

describe("the record of a daemon", () => {
  const state: DaemonState = {
    pid: 42,
    address: "unix:///s",
    version: "v0.33.0",
    origin: "found on PATH",
    configHash: "00",
    startedAt: "2025-08-09T00:00:00.000Z",
  };

  test("comes back from its file as it was", async () => {
    const layout = await emptyLayout();
    await writeDaemonState(layout, state);
    expect(await readDaemonState(layout, 42)).toEqual(state);
  });

  test("of another process is not taken for this one's", async () => {
    const layout = await emptyLayout();
    await writeDaemonState(layout, state);
    expect(await readDaemonState(layout, 43)).toBeUndefined();
  });

  test.each(["", "{", "null", "[]", '{"pid":42}'])("is unknown when its file holds %j", async (text) => {
    const layout = await emptyLayout();
    await writeFile(layout.stateFile, text);
    expect(await readDaemonState(layout, 42)).toBeUndefined();
  });
});
