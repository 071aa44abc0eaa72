import { describe, expect, test } from "vitest";
import { isTransientPush } from "../../../cli/build/transient-push.ts";
import { retried } from "../../../client/index.ts";

test.each([
  [
    "failed to push r/a:1: unexpected status from PUT request to http://r/v2/a/manifests/1: 503 Service Unavailable",
    true,
  ],
  ["unexpected status: 429 Too Many Requests", true],
  // What the reference registry says with status 500.
  ["failed to push r/a:1: unknown: unknown error", true],
  ["read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer", true],
  ['Put "http://r/v2/": EOF', true],
  // What it says to two who send the same blob at once.
  [
    "failed to push r/a: errors:\nunknown: provided digest did not match uploaded content\nunknown: blob unknown to registry - sha256:aa",
    true,
  ],
  [
    "failed to push r/a: unexpected status from PUT request to http://r/v2/a/manifests/1: 400 Bad Request: blob unknown to registry",
    true,
  ],
  ["push access denied, repository does not exist or may require authorization", false],
  ["unexpected status from POST request: 401 Unauthorized", false],
  ["unexpected status from PUT request: 400 Bad Request", false],
  ['process "/bin/sh -c false" did not complete successfully: exit code: 1', false],
])("%s: another try: %s", (message, again) => {
  expect(isTransientPush(new Error(message))).toBe(again);
});

describe("a push that fails", () => {
  const tries = (failures: readonly string[]) => {
    const waits: number[] = [];
    let count = 0;
    const result = retried(
      async () => {
        const failure = failures[count++];
        if (failure !== undefined) throw new Error(failure);
        return count;
      },
      {
        waitsMs: [1, 2],
        isTransient: isTransientPush,
        onRetry: () => {},
        signal: new AbortController().signal,
        wait: async (waitMs) => waits.push(waitMs),
      },
    );
    return { result, waits };
  };

  test("is tried again after longer and longer waits, while there is hope", async () => {
    const { result, waits } = tries(["503", "503"]);
    await expect(result).resolves.toBe(3);
    expect(waits).toEqual([1, 2]);
  });

  test("is given up after the last", async () => {
    await expect(tries(["500", "502", "503"]).result).rejects.toThrow("503");
  });

  test("is given up at once where another try won't help", async () => {
    const { result, waits } = tries(["denied"]);
    await expect(result).rejects.toThrow("denied");
    expect(waits).toEqual([]);
  });
});
