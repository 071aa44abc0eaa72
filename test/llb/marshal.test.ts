import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { digestOfBytes, marshal, outputFromProto } from "../../llb/index.ts";
import { pb } from "../../proto/index.ts";

/**
 * Every definition of the conformance cases, as BuildKit's own Dockerfile frontend marshalled it: read into a graph and
 * marshalled again, it must be the same ops in the same order.
 */
const cases = new URL("../testdata/conformance/cases/", import.meta.url);

interface Golden {
  readonly builds?: readonly { readonly ops: readonly { readonly digest: string; readonly raw: string }[] }[];
}

describe("marshalling gives Go's bytes and order", () => {
  for (const name of readdirSync(cases)) {
    const golden: Golden = JSON.parse(readFileSync(new URL(`${name}/golden.json`, cases), "utf8"));
    for (const [index, build] of (golden.builds ?? []).entries()) {
      it(`${name} (build ${index})`, () => {
        const def = build.ops.map((op) => Buffer.from(op.raw, "base64"));
        const output = outputFromProto(pb.Definition.decode(pb.Definition.encode({ def })));
        expect(marshal(output).ops.map((op) => op.digest)).toEqual(build.ops.map((op) => op.digest));
        expect(def.map(digestOfBytes)).toEqual(build.ops.map((op) => op.digest));
      });
    }
  }
});
