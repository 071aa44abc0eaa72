import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contextTree } from "../../../frontend/gateway/context-tree.ts";
import { decodeListing, encodeListing } from "../../../frontend/gateway/list-context.ts";
import { listDirectory, openRepository, variantOf } from "../../../mzbuild/index.ts";
import { goldens, makeSample } from "../../mzbuild/sample.ts";

const variant = variantOf({}, { env: {}, hostArchitecture: "x86_64" });

describe("the sample repository, as a build context is listed inside BuildKit", () => {
  test.each(["clean", "dirty"] as const)("has the reference's fingerprints, %s", async (state) => {
    using sample = makeSample(state);
    const listing = decodeListing(new TextEncoder().encode(encodeListing(listDirectory(sample.root))));
    const repository = await openRepository(
      contextTree(listing, async (path) => readFileSync(join(sample.root, path))),
    );
    expect([...repository.images.keys()]).toEqual(goldens.states[state].list);
    const fingerprints = await repository.fingerprints(repository.images.keys(), variant);
    expect(Object.fromEntries(fingerprints)).toEqual(goldens.states[state].fingerprints["optimized/x86_64"]);
    const onClient = await sample.open();
    for (const name of repository.images.keys()) {
      expect(await repository.context(name)).toEqual(await onClient.context(name));
    }
  });
});
