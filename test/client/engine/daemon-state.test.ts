import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  bootId,
  type DaemonState,
  isAlive,
  readDaemonState,
  startTicks,
  writeDaemonState,
} from "../../../client/engine/embedded/daemon-state.ts";
import { temporaryDirectory } from "./test-host.ts";

/** The state of a daemon that would be this very process. */
async function ourselves(): Promise<DaemonState> {
  const facts = { address: "unix:///s", version: "v0.33.0", origin: "", configHash: "", startedAt: "" };
  return { pid: process.pid, startTicks: (await startTicks(process.pid))!, bootId: await bootId(), ...facts };
}

describe.skipIf(process.platform !== "linux")("the state of a daemon", () => {
  test("comes back from its file as it was", async () => {
    const file = join(await temporaryDirectory(), "engine.json");
    const state = await ourselves();
    await writeDaemonState(file, state);
    expect(await readDaemonState(file)).toEqual(state);
  });

  test.each(["", "{", "null", "[]", '{"pid":"1"}', '{"pid":1}'])("is unknown when its file holds %j", async (text) => {
    const file = join(await temporaryDirectory(), "engine.json");
    await writeFile(file, text);
    expect(await readDaemonState(file)).toBeUndefined();
  });

  test("is alive while its process is", async () => {
    expect(await isAlive(await ourselves())).toBe(true);
  });

  test("is not taken for another process that got its pid, in this boot or a later one", async () => {
    const state = await ourselves();
    expect(await isAlive({ ...state, startTicks: "1" })).toBe(false);
    expect(await isAlive({ ...state, bootId: "another" })).toBe(false);
  });

  test("is dead when there is no such process", async () => {
    expect(await isAlive({ ...(await ourselves()), pid: 4_194_305 })).toBe(false);
  });
});
