import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  definitionToProto,
  digestOf,
  headDigest,
  image,
  linux,
  local,
  marshal,
  mkfile,
  outputFromProto,
  type State,
  scratch,
} from "../../llb/index.ts";
import { pb } from "../../proto/index.ts";
import { referenceGraphs } from "./reference-graphs.ts";

const goDigests = new Map(
  readFileSync(new URL("../testdata/llb/go-digests.txt", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"))
    .map(([name = "", digests = ""]) => [name, digests.split(" ")]),
);

const alpine = image("alpine", { platform: linux("amd64") });

describe("a state has the digests of the same graph in Go", () => {
  it("for every graph that Go was asked about", () => {
    expect(Object.keys(referenceGraphs).sort()).toEqual([...goDigests.keys()].sort());
  });

  for (const [name, graph] of Object.entries(referenceGraphs)) {
    it(name, () => {
      expect(marshal(graph().output).ops.map((op) => op.digest)).toEqual(goDigests.get(name));
    });
  }
});

describe("a definition", () => {
  it("of scratch is empty", () => {
    expect(marshal(scratch().output).ops).toEqual([]);
    expect(headDigest(marshal(undefined))).toBeUndefined();
  });

  it("names the vertex whose result it is", () => {
    const run = alpine.run(["true"]).root;
    expect(headDigest(marshal(run.output))).toBe(run.output && digestOf(run.output.vertex));
  });

  it("has one op for equal vertices, with the metadata of both", () => {
    const first = alpine.run(["true"], { name: "first", ignoreCache: true }).root;
    const second = alpine.run(["true"], { name: "second" }).root;
    const both = scratch().file([mkfile("/x", 0o644, "")]);
    const definition = marshal(
      both.run(["x"], { platform: linux("amd64"), mounts: [mountOf(first, "/1"), mountOf(second, "/2")] }).root.output,
    );
    const digest = digestOf(first.output!.vertex);
    expect(definition.ops.filter((op) => op.digest === digest)).toHaveLength(1);
    expect(definition.metadata.get(digest)).toMatchObject({
      ignoreCache: true,
      description: { "llb.customname": "second" },
    });
  });

  it("survives the way over the wire with its metadata and locations", () => {
    const source = {
      filename: "Dockerfile",
      language: "Dockerfile",
      data: Buffer.from("RUN x\n"),
      origin: local("d").output,
    };
    const ranges = [{ start: { line: 1, character: 0 }, end: { line: 1, character: 0 } }];
    const state = alpine.run(["x"], {
      name: "[1/1] RUN x",
      at: [{ source, ranges }],
      progressGroup: { id: "g", name: "group", weak: true },
      linuxResources: { memory: 1 << 20, cpuQuota: 50_000 },
    }).root;
    const definition = marshal(state.output);
    const received = outputFromProto(pb.Definition.decode(pb.Definition.encode(definitionToProto(definition))));
    expect(definitionToProto(marshal(received))).toEqual(definitionToProto(definition));
  });

  it("of a chain of 20,000 vertices needs no deep stack", () => {
    let state: State = alpine;
    for (let index = 0; index < 20_000; index++) state = state.file([mkfile(`/${index}`, 0o644, "")]);
    expect(marshal(state.output).ops).toHaveLength(20_002);
  });

  it("that refers to an op which it does not have is refused", () => {
    const def = [pb.Op.encode({ inputs: [{ digest: "sha256:0", index: 0 }] })];
    expect(() => outputFromProto(pb.Definition.decode(pb.Definition.encode({ def })))).toThrowError(
      expect.objectContaining({ code: "bad-definition" }),
    );
  });
});

describe("a state", () => {
  it("is unchanged by what is derived from it", () => {
    const derived = alpine.env("A", "1").dir("/x").user("u");
    expect([alpine.getEnv("A"), alpine.defaults.dir, alpine.defaults.user]).toEqual([undefined, "/", ""]);
    expect([derived.getEnv("A"), derived.defaults.dir, derived.defaults.user]).toEqual(["1", "/x", "u"]);
  });

  it("forgets a variable that is unset", () => {
    expect(alpine.env("A", "1").unsetEnv("A").getEnv("A")).toBeUndefined();
  });

  it("refuses a run without a platform or without arguments", () => {
    expect(() => scratch().run(["x"])).toThrow("platform");
    expect(() => alpine.run([])).toThrow("arguments");
  });
});

function mountOf(state: State, target: string) {
  return {
    kind: "bind",
    target,
    from: state.output,
    selector: "",
    readonly: true,
    output: false,
    contentCache: "default",
  } as const;
}
