import { describe, expect, test } from "vitest";
import { isAtLeast } from "../../../client/engine/embedded/programs.ts";

describe("versions", () => {
  test.each([
    ["v0.33.0", "v0.17.0", true],
    ["v0.17.0", "v0.17.0", true],
    ["v0.9.3", "v0.17.0", false],
    ["v1.0.0", "v0.17.0", true],
    ["v0.17.0-rc1", "v0.17.0", true],
    ["", "v0.17.0", false],
  ])("%j is at least %j: %j", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});
