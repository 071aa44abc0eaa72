import { expect, test } from "vitest";
import { fingerprintOf, type KeptInputs, readInputRecord, writeInputRecord } from "../../mzbuild/index.ts";

const inputs: KeptInputs = {
  manifest: {
    image: "app",
    files: [
      { path: "images/app/Dockerfile", kind: "file", sha1: new Uint8Array(20).fill(7) },
      { path: "images/app/☃ run", kind: "executable", sha1: new Uint8Array(20).fill(9) },
    ],
    preImages: ["", "a,b"],
    variant: "profile=Profile.DEV",
    dependencies: [{ name: "base", fingerprint: "A".repeat(32) }],
  },
  buildArgs: new Map([["VERSION", "1"]]),
};
const fingerprint = fingerprintOf(inputs.manifest);

test("a record gives back what was written", () => {
  expect(readInputRecord(writeInputRecord(inputs), fingerprint)).toEqual({
    ...inputs,
    manifest: {
      ...inputs.manifest,
      files: inputs.manifest.files.map((file) => ({ ...file, sha1: Buffer.from(file.sha1) })),
    },
  });
});

test.each([
  ["another file's digest", (text: string) => text.replace("0909", "0908")],
  ["half of it", (text: string) => text.slice(0, -20)],
  ["null", () => "null"],
  ["another format", (text: string) => text.replace("inputs/1", "inputs/2")],
])("a record with %s is none of this fingerprint", (_what, change) => {
  const text = Buffer.from(writeInputRecord(inputs)).toString();
  expect(readInputRecord(Buffer.from(change(text)), fingerprint)).toBeUndefined();
});
