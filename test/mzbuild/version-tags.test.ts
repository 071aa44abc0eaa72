import { describe, expect, test } from "vitest";
import { versionTags } from "../../mzbuild/index.ts";

describe("a release", () => {
  test.each([
    ["v1.2.3", ["v1.2.2", "v1.2.3", "v1.1.9"], ["v1.2.3", "latest"]],
    ["v1.2.3", ["v1.2.3", "v1.10.0"], ["v1.2.3"]],
    ["v1.2.3", ["v1.2.3", "v1.3.0-rc.1", "mz-v9.0.0", "weekly"], ["v1.2.3", "latest"]],
    ["v1.3.0-rc.1", ["v1.2.3"], ["v1.3.0-rc.1"]],
    ["v1.2.3+build.7", [], ["v1.2.3--build.7", "latest"]],
  ])("%s among %s is tagged %s", (version, gitTags, tags) => {
    expect(versionTags({ kind: "release", version, gitTags }).map(({ tag }) => tag)).toEqual(tags);
  });

  test("that is no version is refused", () => {
    expect(() => versionTags({ kind: "release", version: "nightly", gitTags: [] })).toThrow("no semantic version");
  });

  test("is named for ever, while latest moves", () => {
    expect(versionTags({ kind: "release", version: "v1.0.0", gitTags: [] })).toEqual([
      { tag: "v1.0.0", moves: false },
      { tag: "latest", moves: true },
    ]);
  });
});

const commit = "52e13969c1d4dcb1f2b9e2a5b1b1f0b2b8f0a111";

test("a commit of the main branch is unstable, and has a tag of its own", () => {
  expect(versionTags({ kind: "main", version: "0.99.0-dev", commit })).toEqual([
    { tag: "unstable", moves: true },
    { tag: `v0.99.0-dev--main.g${commit}`, moves: false },
  ]);
});

test.each([
  ["none", `v0.99.0--pr.g${commit}`],
  ["address", `v0.99.0--pr-address.g${commit}`],
] as const)("a pull request with the sanitizer %s is tagged %s", (sanitizer, tag) => {
  const occasion = { kind: "pull-request", version: "0.99.0", commit, sanitizer } as const;
  expect(versionTags(occasion)).toEqual([{ tag, moves: false }]);
});
