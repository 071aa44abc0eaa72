import { describe, expect, test } from "vitest";
import { zipEntries } from "../../../client/engine/embedded/zip-file.ts";

// Made by: printf 'hello\n' >a; mkdir d; seq 100 >d/numbers; zip -0 x.zip a; zip -9 x.zip d d/numbers; base64 -w0 x.zip
const sample = Buffer.from(
  "UEsDBAoAAAAAAIQodV0gMDo2BgAAAAYAAAABABwAYVVUCQADSCYBa0gmAWt1eAsAAQQAAAAABAAAAABoZWxsbwpQSwMECgAAAAAAhCh1XQAAAAAAAAAAAAAAAAIAHABkL1VUCQADSCYBa0gmAWt1eAsAAQQAAAAABAAAAABQSwMEFAACAAgAhCh1Xdzxi2eOAAAAJAEAAAkAHABkL251bWJlcnNVVAkAA0gmAWtIJgFrdXgLAAEEAAAAAAQAAAAAFZBJAQBBDIP+qGl617+xnTWQAMIJkqIZlkOGhBwFSlSo0aBFhxsu3PHAEy+88cEXP8IIEW8yiCSKaGKIJY40UqST7zHJIpsccsmjjBLlVFAPqKimhlrqaKNFOx100o+36aGXPsYYMc4Ek0wxT2eYZY41VqyzwSZbbLPPdtnjjBPnXHDJFdfccC/GX8P4AFBLAQIeAwoAAAAAAIQodV0gMDo2BgAAAAYAAAABABgAAAAAAAAAAACkgQAAAABhVVQFAANIJgFrdXgLAAEEAAAAAAQAAAAAUEsBAh4DCgAAAAAAhCh1XQAAAAAAAAAAAAAAAAIAGAAAAAAAAAAQAO1BQQAAAGQvVVQFAANIJgFrdXgLAAEEAAAAAAQAAAAAUEsBAh4DFAACAAgAhCh1Xdzxi2eOAAAAJAEAAAkAGAAAAAAAAQAAAKSBfQAAAGQvbnVtYmVyc1VUBQADSCYBa3V4CwABBAAAAAAEAAAAAFBLBQYAAAAAAwADAN4AAABOAQAAAAA=",
  "base64",
);

describe("a zip file", () => {
  test("gives its entries, stored and compressed", () => {
    const entries = [...zipEntries(sample)].map(({ name, content }) => [name, Buffer.from(content()).toString()]);
    const numbers = Array.from({ length: 100 }, (_, i) => `${i + 1}\n`).join("");
    expect(entries).toEqual([
      ["a", "hello\n"],
      ["d/", ""],
      ["d/numbers", numbers],
    ]);
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["something else", Buffer.from("no zip file at all, but long enough to be one")],
  ])("is not %s", (_what, bytes) => {
    expect(() => [...zipEntries(bytes)]).toThrow("no zip file");
  });

  test("that was cut in the middle is refused", () => {
    const directory = sample.readUInt32LE(sample.length - 22 + 16);
    const damaged = Buffer.concat([sample.subarray(0, directory), Buffer.alloc(8), sample.subarray(directory)]);
    expect(() => [...zipEntries(damaged)]).toThrow("damaged");
  });
});
