import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { control, fsutil, gateway, type MessageType, pb, timestamp } from "../../proto/index.ts";

/** Hexadecimal bytes by name, made by Go: see golden.go beside the file. */
const golden: Record<string, string> = JSON.parse(
  readFileSync(new URL("../testdata/proto/golden.json", import.meta.url), "utf8"),
);

const text = (value: string) => Buffer.from(value);

/** The messages of golden.go. */
const messages = [
  row("exec", pb.Op, {
    inputs: [{ digest: "sha256:aa" }, { digest: "sha256:bb", index: 3 }],
    exec: {
      meta: {
        args: ["sh", "-c", ""],
        env: ["A=ä"],
        cwd: "/",
        validExitCodes: [0, 1, -1],
        ulimit: [{ Name: "nofile", Soft: -1, Hard: 9223372036854775807n }],
      },
      mounts: [
        { dest: "/", output: 0 },
        { input: -1, dest: "/tmp", output: -1, mountType: pb.MountType.TMPFS, TmpfsOpt: {} },
      ],
      network: pb.NetMode.NONE,
    },
    platform: { Architecture: "amd64", OS: "linux" },
  }),
  row("file", pb.Op, {
    file: {
      actions: [
        {
          input: -1,
          secondaryInput: -1,
          mkdir: { path: "/d", mode: 0o755, timestamp: 1758000000123456789n, owner: { user: { byID: 0 } } },
        },
      ],
    },
  }),
  row("definition", pb.Definition, {
    def: [Buffer.from([1, 2]), Buffer.from([])],
    metadata: {
      "sha256:b": { caps: { z: true, a: false, é: true, "\u{1F600}": true, "\uFFFD": true } },
      "sha256:a": { ignoreCache: true, description: { k: "" } },
    },
  }),
  row("stat", fsutil.Stat, {
    path: "dir/ä b",
    mode: (0x80000000 | 0o755) >>> 0,
    size: 2 ** 40,
    modTime: 1758000000123456789n,
    devmajor: 8,
    xattrs: { "user.b": Buffer.from([]), "user.a": Buffer.from([0]) },
  }),
  row("packet", fsutil.Packet, { type: fsutil.PacketType.PACKET_DATA, ID: 4294967295, data: text("data") }),
  row("status", control.StatusResponse, {
    vertexes: [{ digest: "sha256:a", started: { seconds: 1758000000, nanos: 5 } }],
    logs: [{ stream: 2, msg: text("out\n") }],
  }),
  row("results", control.BuildResultInfo, { Results: { 1: { size: 7 }, 10: { size: 8 }, 2: {}, 0: {} } }),
  row("timestamp", timestamp.Timestamp, { seconds: -62135596800n, nanos: 1 }),
  row("return", gateway.ReturnRequest, {
    error: {
      code: 3,
      message: "no",
      details: [{ typeUrl: "github.com/moby/buildkit/errdefs.Vertex+json", value: text("{}") }],
    },
  }),
  row("fds", gateway.InitMessage, { ContainerID: "c", Fds: [0, 1, 2], Tty: true }),
];

/** One row of the table: the message's type is known only here. */
function row<T>(name: string, type: MessageType<T>, message: Parameters<MessageType<T>["encode"]>[0]) {
  const bytes = Buffer.from(golden[name] ?? "", "hex");
  return {
    name,
    encoded: () => Buffer.from(type.encode(message)).toString("hex"),
    // A decoded message has every field, so it must encode to the same bytes again.
    encodedAgain: () => Buffer.from(type.encode(type.decode(bytes) as typeof message)).toString("hex"),
  };
}

describe("messages", () => {
  test.each(messages)("are encoded as Go encodes them ($name)", ({ name, encoded }) => {
    expect(encoded()).toBe(golden[name]);
  });

  test.each(messages)("lose nothing when they are decoded and encoded again ($name)", ({ name, encodedAgain }) => {
    expect(encodedAgain()).toBe(golden[name]);
  });

  test("keep every bit of 64-bit integers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (modTime) => {
        expect(fsutil.Stat.decode(fsutil.Stat.encode({ modTime })).modTime).toBe(modTime);
      }),
    );
  });

  test("refuse numbers that their fields can't hold", () => {
    expect(() => fsutil.Stat.encode({ modTime: 2n ** 63n })).toThrow("does not fit in 64 bits");
    expect(() => fsutil.Stat.encode({ mode: -1 })).toThrow("-1 is not in 0…4294967295");
    expect(() => fsutil.Stat.encode({ size: 2 ** 60 })).toThrow(RangeError);
    expect(() => fsutil.Stat.decode(Buffer.from("28ffffffffffffffff7f", "hex"))).toThrow("does not fit in a number");
  });

  test("are plain objects with all their fields, whatever came", () => {
    expect(pb.Input.decode(new Uint8Array())).toEqual({ digest: "", index: 0 });
    expect(pb.OpMetadata.decode(new Uint8Array())).toEqual({ ignoreCache: false, description: {}, caps: {} });
  });

  test("skip fields that this version of the contract doesn't know", () => {
    expect(pb.Input.decode(Buffer.from("f20701780a0161", "hex"))).toEqual({ digest: "a", index: 0 });
  });

  test("read lists of numbers whether packed or not", () => {
    expect(pb.Meta.decode(Buffer.from("600160026202030a", "hex")).validExitCodes).toEqual([1, 2, 3, 10]);
  });

  test("take a key like __proto__ as any other", () => {
    const { caps } = pb.OpMetadata.decode(pb.OpMetadata.encode({ caps: JSON.parse('{"__proto__": true}') }));
    expect(Object.entries(caps)).toEqual([["__proto__", true]]);
  });

  test("refuse nesting without end", () => {
    // FileOp and SourceInfo can't nest far; Definition → Source → SourceInfo → Definition can.
    let bytes: Uint8Array = new Uint8Array();
    for (let level = 0; level < 60; level++) bytes = wrap(0x1a, wrap(0x12, wrap(0x1a, bytes)));
    expect(() => pb.Definition.decode(bytes)).toThrow("nested too deeply");
  });
});

function wrap(tag: number, bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
  }
}
