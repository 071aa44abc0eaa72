import { describe, expect, it } from "vitest";
import { digestOfBytes } from "../../../llb/index.ts";
import {
  chunkedImage,
  combineImages,
  describeConflicts,
  findConflicts,
  mergeEnv,
  type OciImage,
  PASSED,
  readManifest,
  rebaseEnv,
} from "../../../mzbuild/index.ts";

function imageOf(layers: readonly string[], config: OciImage["config"]["config"] = {}, mediaType = "gzip"): OciImage {
  const type = `application/vnd.oci.image.layer.v1.tar+${mediaType}`;
  return {
    manifest: {
      schemaVersion: 2,
      config: { mediaType: "c", digest: "sha256:c", size: 1 },
      layers: layers.map((digest) => ({ mediaType: type, digest, size: 1 })),
    },
    config: {
      architecture: "amd64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: layers.map((layer) => `diff-${layer}`) },
      history: layers.map((layer) => ({ created_by: layer })),
    },
  };
}

describe("a chunked image", () => {
  const base = imageOf(["a", "b"]);

  it("is what was built without what the base has, written as Go writes it", () => {
    const full = imageOf(["a", "b", "c"], { Env: ["X=<&>"], Labels: { b: "2", a: "1" }, Cmd: [] });
    const { manifest, configBytes } = chunkedImage(full, base, "host/x:base--1@sha256:2");
    expect(manifest.layers.map(({ digest }) => digest)).toEqual(["c"]);
    expect(new TextDecoder().decode(configBytes)).toBe(
      '{"architecture":"amd64","os":"linux","config":{"Env":["X=\\u003c\\u0026\\u003e"],"Labels":{"a":"1","b":"2"}},' +
        '"rootfs":{"type":"layers","diff_ids":["diff-c"]},"history":[{"created_by":"c"}]}',
    );
  });

  it("may have no layers of its own, and keeps the compression of those that it has", () => {
    expect(new TextDecoder().decode(chunkedImage(base, base, "r").manifestBytes)).toContain('"layers":[]');
    const zstd = chunkedImage(imageOf(["a", "b", "c"], {}, "zstd"), base, "r");
    expect(zstd.manifest.layers[0]?.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
  });

  it("is refused where the chunk was built on something else, or on less", () => {
    expect(() => chunkedImage(imageOf(["a"]), base, "r")).toThrow("too few layers");
    expect(() => chunkedImage(imageOf(["a", "x", "c"]), base, "r")).toThrow(
      "chunk was not built from base image: digest mismatch on layer 1: base b != chunk x",
    );
  });
});

describe("a combination", () => {
  it("takes how it runs from the base, ports and variables from all, and drops labels and volumes", () => {
    const base = imageOf(["a"], { Cmd: ["sh"], User: "u", Labels: { l: "1" }, Volumes: { "/v": {} }, Env: ["A=1"] });
    const chunk = imageOf(["b"], { Cmd: ["x"], ExposedPorts: { "80/tcp": {} }, Env: ["A=1", "B=2"] });
    const { configBytes, manifest } = combineImages(base, [chunk], { envVars: [], created: "2020-01-01T00:00:00Z" });
    expect(JSON.parse(new TextDecoder().decode(configBytes))).toEqual({
      created: "2020-01-01T00:00:00Z",
      architecture: "amd64",
      os: "linux",
      config: { User: "u", ExposedPorts: { "80/tcp": {} }, Env: ["A=1", "B=2"], Cmd: ["sh"] },
      rootfs: { type: "layers", diff_ids: ["diff-a", "diff-b"] },
      history: [{ created_by: "a" }, { created_by: "b" }],
    });
    expect(manifest.layers.map(({ digest }) => digest)).toEqual(["a", "b"]);
  });
});

describe("variables", () => {
  const rules = (action: string) => [{ name: "V", action }];
  it.each([
    ["use-first", "b"],
    ["no-such-action", "b"],
    ["use-last", "y:b"],
    ["merge", "b:b:x:b:y:b"],
    ["merge-unique", "x:y:b"],
  ])("are merged by %s", (action, expected) => {
    expect(mergeEnv([["V=b"], ["V=x:b"], ["V=y:b"]], rules(action))).toEqual([`V=${expected}`]);
  });

  it("may have = in their values, or none at all", () => {
    expect(mergeEnv([["A=b=c", "N"], ["Z=1=2"]], [])).toEqual(["A=b=c", "N=", "Z=1=2"]);
  });

  it("of a chunk on another base are that one's where the chunk has no own", () => {
    const old = ["PATH=/b:/bin", "V=1", "GONE=x"];
    const now = ["PATH=/new:/bin", "V=2"];
    const chunk = ["PATH=/c:/b:/bin:/d", "V=1", "GONE=x", "OWN=1"];
    expect(rebaseEnv(chunk, old, now)).toEqual(["PATH=/c:/new:/bin:/d", "V=2", "OWN=1"]);
  });
});

describe("conflicts", () => {
  it("are files that chunks write differently, told with the chunks' names", () => {
    const files = new Map([
      [
        "a",
        new Map([
          ["/x", "1"],
          ["/same", "s"],
        ]),
      ],
      [
        "b",
        new Map([
          ["/x", "2"],
          ["/same", "s"],
          ["/y", "1"],
        ]),
      ],
    ]);
    const conflicts = findConflicts(["a", "b"], (name) => files.get(name));
    expect(conflicts).toEqual([{ path: "/x", chunks: ["a", "b"] }]);
    expect(describeConflicts(conflicts)).toEqual(["a and b write /x: that of b is in the image"]);
  });
});

describe("what a registry has", () => {
  it("is told apart: images, indexes, and what is neither", () => {
    expect(readManifest("r", new TextEncoder().encode('{"manifests":[]}'))).toEqual({ manifests: [] });
    expect(() => readManifest("r", new TextEncoder().encode("[]"))).toThrow("r can't be used");
    expect(() => readManifest("r", new TextEncoder().encode("{}"))).toThrow("r can't be used");
  });

  it("says of every test that passed the same", () => {
    expect(digestOfBytes(PASSED.manifestBytes)).toBe(
      "sha256:8367578e263e35d3ae19addfae54e046cbf9dfb7c8e76353a4bdc12fae294529",
    );
  });
});
