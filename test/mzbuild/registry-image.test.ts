import { expect, test } from "vitest";
import { platformOf, registryImage } from "../../mzbuild/index.ts";

test("an image of Docker Hub is looked up by its full name, and shown by the one that is written", () => {
  const round = registryImage({ reference: "rust:1", platform: platformOf("x86_64"), label: "cargo" }, new Map());
  expect(round).toMatchObject({
    kind: "needs",
    lookups: [{ reference: "docker.io/library/rust:1", logName: "[cargo] load metadata for rust:1" }],
  });
});
