import { expect, test } from "vitest";
import { fingerprintOf, type KeptInputs, readInputRecord, writeInputRecord } from "../../mzbuild/index.ts";

const inputs: KeptInputs = {
  manifest: {
    image: "app",
    files: [
      { path: "images/app/Dockerfile", kind: "file", sha1: "07".repeat(20) },
      { path: "images/app/☃ run", kind: "executable", sha1: "09".repeat(20) },
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
      files: inputs.manifest.files,
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
