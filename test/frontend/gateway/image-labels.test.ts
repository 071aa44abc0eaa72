import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkFrontendCaps } from "../../../frontend/dockerfile/request/frontend-caps.ts";

const dockerfile = readFileSync(join(import.meta.dirname, "../../../Dockerfile.frontend"), "utf8");

test("the image says that it needs no network, is no superuser's, and can do what the original can", () => {
  const caps = /^LABEL moby\.buildkit\.frontend\.caps="(.*)"$/m.exec(dockerfile)?.[1] ?? "";
  // moby/buildkit v0.33.0: frontend/dockerfile/cmd/dockerfile-frontend/Dockerfile
  expect(caps.split(",")).toEqual([
    "moby.buildkit.frontend.inputs",
    "moby.buildkit.frontend.subrequests",
    "moby.buildkit.frontend.contexts",
    "moby.buildkit.frontend.gitquerystring",
    "moby.buildkit.frontend.contexts.zstd",
  ]);
  expect(checkFrontendCaps(caps)).toBe(undefined);
  expect(dockerfile).toContain('LABEL moby.buildkit.frontend.network.none="true"\n');
  expect(dockerfile).toMatch(/^USER 65534:65534$/m);
});
