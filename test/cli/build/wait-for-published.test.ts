import { expect, test } from "vitest";
import { type WaitOptions, waitForPublished } from "../../../cli/build/wait-for-published.ts";
import { BuildError } from "../../../llb/index.ts";

/** Runs work that finds nothing the first `failures` times. */
async function waited(failures: number, options: Partial<WaitOptions> = {}) {
  const waits: number[] = [];
  let tries = 0;
  const result = await waitForPublished(
    {
      env: {},
      signal: new AbortController().signal,
      warn: () => {},
      wait: async (ms) => waits.push(ms / 1000),
      stateOf: async () => undefined,
      ...options,
    },
    async () => {
      tries++;
      if (tries <= failures) throw new BuildError("image-not-published", "app is not to be had");
      return "found";
    },
  ).catch((error: BuildError) => error.code);
  return { result, tries, waits };
}

test("an image that isn't there is looked for five times, at growing distances", async () => {
  expect(await waited(100)).toEqual({ result: "image-not-published", tries: 5, waits: [1, 2, 4, 8] });
  expect(await waited(2)).toEqual({ result: "found", tries: 3, waits: [1, 2] });
});

test("where a build is waited for, ninety times", async () => {
  const { tries, waits } = await waited(100, { env: { CI_WAITING_FOR_BUILD: "build-x86_64" } });
  expect(tries).toBe(90);
  expect(waits.slice(0, 6)).toEqual([1, 2, 4, 8, 10, 10]);
});

test("what CI says of the step decides, where it can be asked", async () => {
  const asked: string[] = [];
  const states = ["pending", "pending", "success"];
  const stateOf = async (step: string) => {
    asked.push(step);
    return states.shift();
  };
  const env = { CI_WAITING_FOR_BUILD: "build-x86_64" };
  expect(await waited(1, { env, stateOf })).toEqual({ result: "found", tries: 2, waits: [1, 1] });
  expect(asked).toEqual(["build-x86_64", "build-x86_64", "build-x86_64"]);
  expect(await waited(1, { env, stateOf: async () => "failed" })).toMatchObject({ result: "ci-step-failed", tries: 1 });
});

test("other errors are not waited for", async () => {
  const options = { env: {}, signal: new AbortController().signal, warn: () => {} };
  await expect(waitForPublished(options, () => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
});
