import { describe, expect, test } from "vitest";
import { debianSuiteOf } from "../../../client/base-image/index.ts";

describe("the Debian suite of an image reference", () => {
  test.each([
    ["debian", "trixie"],
    ["debian:trixie-slim", "trixie"],
    ["debian:13", "trixie"],
    ["docker.io/library/debian:bookworm", "bookworm"],
    ["docker.io/debian:12-slim", "bookworm"],
    ["library/debian:stable", "trixie"],
    ["debian:trixie-20250811-slim", undefined],
    ["debian@sha256:0000000000000000000000000000000000000000000000000000000000000000", undefined],
    ["ghcr.io/debian:trixie", undefined],
    ["ubuntu:24.04", undefined],
    ["mydebian:trixie", undefined],
    ["debian:constructor", undefined],
  ])("of %s is %s", (reference, suite) => {
    expect(debianSuiteOf(reference)).toBe(suite);
  });
});
