import { expect, test } from "vitest";
import { warmUp } from "../../../frontend/gateway/warm-up.ts";

test("the build that warms up the image's program succeeds, without a daemon", async () => {
  await expect(warmUp()).resolves.toBeUndefined();
});
