import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePath, encodePath, hasRawBytes } from "../../../client/filesync/path-bytes.ts";

test("any bytes survive the way to a string and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(encodePath(decodePath(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
});

test("valid UTF-8 is its own text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const decoded = decodePath(Buffer.from(text, "utf8"));
      expect(decoded).toBe(text);
      expect(hasRawBytes(decoded)).toBe(false);
    }),
  );
});

test("what looks like an encoded surrogate is raw bytes", () => {
  const bytes = Buffer.of(0xed, 0xb2, 0x80, 0x61);
  expect(hasRawBytes(decodePath(bytes))).toBe(true);
  expect(encodePath(decodePath(bytes))).toEqual(bytes);
});
