import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { preImageExtra, variantTail } from "../../mzbuild/fingerprint.ts";
import { fingerprintBytes, fingerprintOf, type InputManifest, ownDigest, type Variant } from "../../mzbuild/index.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const OPTIMIZED: Variant = { profile: "optimized", architecture: "x86_64", coverage: false, sanitizer: "none" };

/** The worked example of the format. */
const TOOLS_2: InputManifest = {
  image: "Tools-2",
  files: [
    ["images/tools-2/Dockerfile", "59be29d00cc204b60d1751cf6b68accd1c3469f3"],
    ["images/tools-2/c.txt", "f6676a67479e477e76459a9c22579629ea77a7cf"],
    ["images/tools-2/mzbuild.yml", "6284709bcf0cb1699b22b886275f2d260419df2b"],
  ].map(([path = "", sha1 = ""]) => ({ path, kind: "file", sha1 })),
  preImages: [],
  variant: variantTail(OPTIMIZED),
  dependencies: [],
};

describe("a fingerprint", () => {
  it("is the worked example's", () => {
    expect(hex(ownDigest(TOOLS_2))).toBe("52880c8d8e2ec61c8efd8ae7225fa26b4c6a1207");
    expect(fingerprintOf(TOOLS_2)).toBe("IKONZEERNVMA7NESI5R37N3DYMVJRMXO");
    expect(hex(fingerprintBytes("IKONZEERNVMA7NESI5R37N3DYMVJRMXO"))).toBe("429cdc90916d580fb4924763bfb763c32a98b2ee");
  });

  it("is over the own digest, and each dependency's name, fingerprint and a zero byte", () => {
    const base = "3LVEMREMJSCBS4VQ4O6TQVRZWACX5MSP";
    expect(hex(fingerprintBytes(base))).toBe("daea46448c4c841972b0e3bd385639b0057eb24f");
    const bytes = Buffer.concat([ownDigest(TOOLS_2), Buffer.from("base"), fingerprintBytes(base), Buffer.of(0)]);
    const expected = createHash("sha1").update(bytes).digest("hex");
    const dependent = { ...TOOLS_2, dependencies: [{ name: "base", fingerprint: base }] };
    expect(hex(fingerprintBytes(fingerprintOf(dependent)))).toBe(expected);
  });

  it.each([
    ["dev", false, "none", ""],
    ["optimized", false, "none", "d,e,i,i,m,o,p,t,z"],
    ["release", false, "none", "a,e,e,e,l,r,s"],
    ["dev", true, "none", "a,c,e,e,g,o,r,v"],
    ["optimized", true, "none", "a,c,d,e,e,e,g,i,i,m,o,o,p,r,t,v,z"],
    ["release", true, "none", "a,a,c,e,e,e,e,e,g,l,o,r,r,s,v"],
    ["optimized", false, "address", "a,d,d,d,e,e,i,i,m,o,p,r,s,s,t,z"],
    ["release", true, "address", "a,a,a,c,d,d,e,e,e,e,e,e,g,l,o,r,r,r,s,s,s,v"],
  ] as const)(
    "of a program built with %s, coverage %s, sanitizer %s has the format's extra",
    (profile, coverage, sanitizer, extra) => {
      const at = { file: "", start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
      const step = {
        kind: "cargo-build",
        at,
        bins: [],
        examples: [],
        features: [],
        strip: true,
        extract: [],
        fault: undefined,
      } as const;
      expect(preImageExtra(step, { profile, architecture: "x86_64", coverage, sanitizer }, undefined)).toBe(extra);
    },
  );
});
