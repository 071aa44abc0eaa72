import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startFailure } from "../../../client/engine/embedded/start-failure.ts";
import { temporaryDirectory } from "./test-host.ts";

test("a failed start shows what this start has logged, and not what earlier ones did", async () => {
  const log = join(await temporaryDirectory(), "buildkitd.log");
  const before = "earlier trouble\n";
  await writeFile(log, `${before}first\nlast\n`);
  const failure = await startFailure("ended (exit code 1)", log, Buffer.byteLength(before));
  expect(failure.code).toBe("engine-start-failed");
  expect(failure.message).toBe("the engine was started and ended (exit code 1); its last words:\n  first\n  last");
  expect(failure.hint).toBe(`Its log is ${log}.`);
});

test("a user without subordinate ids is told how to get them", async () => {
  const log = join(await temporaryDirectory(), "buildkitd.log");
  await writeFile(
    log,
    '[rootlesskit:parent] error: failed to setup UID/GID map: failed to compute uid/gid map: No subuid ranges found for user 65534 ("nobody")\n',
  );
  expect((await startFailure("ended (exit code 1)", log, 0)).hint).toContain("usermod --add-subuids");
});

test("a program that couldn't be run has no last words", async () => {
  const failure = await startFailure("ended (spawn unshare ENOENT)", "/nonexistent", 0);
  expect(failure.message).toBe("the engine was started and ended (spawn unshare ENOENT)");
});
