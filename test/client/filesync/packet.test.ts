import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePacket, encodePacket, type Packet } from "../../../client/filesync/packet.ts";
import { fsutil } from "../../../proto/index.ts";

const stat = {
  path: "dir/näme with space",
  mode: 0x8000_01ed,
  sizeBytes: 5_000_000_000,
  mtimeNs: 1_700_000_000_123_456_789n,
  link: "../target",
  deviceMajor: 8,
  deviceMinor: 1,
};

describe("packets", () => {
  test.each<[string, Packet, Parameters<typeof fsutil.Packet.encode>[0]]>([
    [
      "stat",
      { kind: "stat", stat },
      {
        type: 0,
        stat: {
          path: stat.path,
          mode: stat.mode,
          size: stat.sizeBytes,
          modTime: stat.mtimeNs,
          linkname: stat.link,
          devmajor: 8,
          devminor: 1,
        },
      },
    ],
    ["end of listing", { kind: "stat", stat: undefined }, { type: 0 }],
    ["request", { kind: "request", id: 300 }, { type: 1, ID: 300 }],
    ["data", { kind: "data", id: 0, data: Uint8Array.of(1, 2) }, { type: 2, data: Uint8Array.of(1, 2) }],
    ["end of file", { kind: "data", id: 7, data: new Uint8Array() }, { type: 2, ID: 7 }],
    ["finish", { kind: "finish" }, { type: 3 }],
    ["error", { kind: "error", message: "nö" }, { type: 4, data: Buffer.from("nö") }],
  ])("%s has the bytes of the contract", (_name, packet, contract) => {
    expect(Buffer.from(encodePacket(packet))).toEqual(Buffer.from(fsutil.Packet.encode(contract)));
    expect(encodePacket(decodePacket(fsutil.Packet.encode(contract)))).toEqual(encodePacket(packet));
    if (packet.kind !== "data") expect(decodePacket(encodePacket(packet))).toEqual(packet);
  });

  test("times before 1970 and any other nanosecond survive", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (mtimeNs) => {
        const packet: Packet = { kind: "stat", stat: { ...stat, mtimeNs } };
        expect(decodePacket(encodePacket(packet))).toEqual(packet);
      }),
    );
  });

  test("owners and extended attributes of other senders are skipped", () => {
    const encoded = fsutil.Packet.encode({
      stat: { path: "a", uid: 1000, gid: 5, xattrs: { "user.x": Uint8Array.of(1) } },
    });
    expect(decodePacket(encoded)).toMatchObject({ kind: "stat", stat: { path: "a" } });
  });

  test("random bytes throw or decode, but do nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          expect(decodePacket(bytes)).toHaveProperty("kind");
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
