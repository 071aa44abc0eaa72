import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameDecoder, joinFrames, prefixBytes } from "../../../client/rpc/framing.ts";
import { RpcError } from "../../../client/rpc/rpc-error.ts";
import { control, fsutil, pb } from "../../../proto/index.ts";

function frame(message: Uint8Array): Buffer {
  return joinFrames([message], prefixBytes + message.length);
}

const message = fc.uint8Array({ maxLength: 300 });

/** The bytes cut at arbitrary places. */
function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

describe("frameDecoder", () => {
  test("gives the same messages however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat()), (messages, cuts) => {
        const decoder = frameDecoder();
        const decoded = chunksOf(Buffer.concat(messages.map(frame)), cuts).flatMap((chunk) => [...decoder.push(chunk)]);
        decoder.finish();
        expect(decoded.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(
          messages.map((bytes) => Buffer.from(bytes).toString("hex")),
        );
      }),
    );
  });

  test("answers random bytes with messages or an RpcError, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
        const decoder = frameDecoder();
        try {
          for (const chunk of chunks) decoder.push(chunk);
          decoder.finish();
        } catch (error) {
          expect(error).toBeInstanceOf(RpcError);
        }
      }),
    );
  });

  test("refuses a length over its limit before the message has come", () => {
    const decoder = frameDecoder(1000);
    expect(() => decoder.push(Buffer.from([0, 0, 0, 4, 0]))).toThrow(
      "a message of 1024 bytes is over the limit of 1000",
    );
  });

  test("refuses compression, which is never asked for", () => {
    expect(() => frameDecoder().push(frame(Buffer.from("x")).fill(1, 0, 1))).toThrow("unknown compression (flag 1)");
  });

  test("notices a stream that ends within a message", () => {
    const decoder = frameDecoder();
    decoder.push(frame(Buffer.from("abc")).subarray(0, 6));
    expect(() => decoder.finish()).toThrow("the stream ended 6 bytes into a message");
  });
});

describe("message decoders", () => {
  test.each([pb.Op, pb.Definition, fsutil.Packet, control.StatusResponse, control.BuildHistoryEvent])(
    "answer random bytes with a message or an error ($typeName)",
    (type) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
          try {
            type.decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }),
        { numRuns: 500 },
      );
    },
  );
});
