import type { Duplex } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { RpcClient } from "../../../client/rpc/client.ts";
import type { Init } from "../../../client/rpc/method.ts";
import { RpcError } from "../../../client/rpc/rpc-error.ts";
import { duplexCall, type RpcHandler, serveRpc, streaming, unary } from "../../../client/rpc/server.ts";
import { control, filesync, fsutil, secrets } from "../../../proto/index.ts";
import { memoryPipe } from "./memory-pipe.ts";

const { getSecret } = secrets.Secrets;
const { diffCopy } = filesync.FileSync;
const { prune } = control.Control;

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0)) await resource[Symbol.asyncDispose]();
});

/** A client and the in-memory end of its connection, with `handlers` served on the other end. */
function connect(...handlers: RpcHandler[]): { client: RpcClient; near: Duplex } {
  const [near, far] = memoryPipe();
  const server = serveRpc(far, handlers);
  const client = new RpcClient({ connect: () => near });
  open.push(client, { [Symbol.asyncDispose]: () => server.close() });
  return { client, near };
}

/** A promise and what resolves it. */
function event<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function failure(promise: Promise<unknown>): Promise<RpcError> {
  const error = await promise.then(
    () => expect.fail("should have failed"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RpcError);
  return error as RpcError;
}

const echo = streaming(diffCopy, async function* (requests) {
  for await (const packet of requests) yield packet;
});

function* packets(count: number): Generator<Init<fsutil.Packet>> {
  for (let index = 0; index < count; index++) {
    yield { type: fsutil.PacketType.PACKET_STAT, ID: index, stat: { path: `file-${index}`, modTime: BigInt(index) } };
  }
}

describe("unary calls", () => {
  test("carry the request there and the response back", async () => {
    const { client } = connect(unary(getSecret, ({ ID }) => ({ data: Buffer.from(`secret of ${ID}`) })));
    const { data } = await client.call(getSecret, { ID: "token" });
    expect(Buffer.from(data).toString()).toBe("secret of token");
  });

  test("carry messages of 16 MiB and more both ways", async () => {
    const data = Buffer.alloc(20 * 1024 * 1024, "mzbuild");
    const { client } = connect(unary(getSecret, ({ ID }) => ({ data: Buffer.from(ID) })));
    const response = await client.call(getSecret, { ID: data.toString() });
    expect(Buffer.compare(response.data, data)).toBe(0);
  });

  test("keep every value of repeated metadata apart, commas included", async () => {
    const { client } = connect(
      unary(getSecret, (_request, { metadata }) => ({
        data: Buffer.from(JSON.stringify(metadata.get("include-patterns"))),
      })),
    );
    const metadata = { "include-patterns": ["a, b", "c"] };
    const { data } = await client.call(getSecret, { ID: "x" }, { metadata });
    expect(JSON.parse(Buffer.from(data).toString())).toEqual(["a, b", "c"]);
  });

  test("fail with the code, message and details that the handler threw", async () => {
    const details = [
      { typeUrl: "github.com/moby/buildkit/errdefs.Vertex+json", value: Buffer.from('{"digest":"sha256:1"}') },
    ];
    const { client } = connect(
      unary(getSecret, () => {
        throw new RpcError("NOT_FOUND", "100 % missing: ключ\nreally", { details });
      }),
    );
    const error = await failure(client.call(getSecret, { ID: "x" }));
    expect(error.code).toBe("NOT_FOUND");
    expect(error.message).toBe("100 % missing: ключ\nreally");
    expect(error.details.map(({ typeUrl, value }) => [typeUrl, Buffer.from(value).toString()])).toEqual([
      [details[0]!.typeUrl, '{"digest":"sha256:1"}'],
    ]);
  });

  test("may share one signal, however many they are", async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on("warning", warn);
    const { client } = connect(unary(getSecret, ({ ID }) => ({ data: Buffer.from(ID) })));
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => client.call(getSecret, { ID: "x" }, { signal })));
    // Warnings are emitted on the next tick.
    await new Promise(setImmediate);
    process.off("warning", warn);
    expect(warnings).toEqual([]);
  });

  test("of a path that nobody serves are UNIMPLEMENTED", async () => {
    const { client } = connect(echo);
    expect((await failure(client.call(getSecret, { ID: "x" }))).code).toBe("UNIMPLEMENTED");
  });

  test("end with DEADLINE_EXCEEDED when their time is up, and the handler's signal is aborted", async () => {
    const aborted = event<void>();
    const { client } = connect(
      unary(getSecret, (_request, { signal }) => {
        signal.addEventListener("abort", () => aborted.resolve());
        return new Promise(() => {});
      }),
    );
    const error = await failure(client.call(getSecret, { ID: "x" }, { timeoutMs: 20 }));
    expect(error.code).toBe("DEADLINE_EXCEEDED");
    await aborted.promise;
  });
});

describe("streaming calls", () => {
  test("deliver every message in order, in both directions", async () => {
    const { client } = connect(echo);
    const received = await collect(client.stream(diffCopy, packets(5000)));
    expect(received.map(({ ID }) => ID)).toEqual([...packets(5000)].map(({ ID }) => ID));
    expect(received[4999]?.stat?.modTime).toBe(4999n);
  });

  test("make a sender wait for a reader that is slower", async () => {
    let sent = 0;
    const { client } = connect(
      duplexCall(prune, async (call) => {
        for (; sent < 4000; sent++) await call.send({ Description: "x".repeat(64 * 1024) });
      }),
    );
    const records = client.serverStream(prune, {})[Symbol.asyncIterator]();
    await records.next();
    // Nothing more is read: the sender must come to rest with most of its 256 MiB unsent.
    let before: number;
    do {
      before = sent;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    } while (sent !== before);
    expect(sent).toBeLessThan(1000);
    await records.return?.();
  });

  test("abort the handler's signal when the reader stops early", async () => {
    const aborted = event<unknown>();
    const { client } = connect(
      streaming(prune, async function* (_requests, { signal }) {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason));
        yield { ID: "first" };
        await new Promise(() => {});
      }),
    );
    for await (const record of client.serverStream(prune, {})) {
      expect(record.ID).toBe("first");
      break;
    }
    expect(await aborted.promise).toBeInstanceOf(RpcError);
  });

  test("end with CANCELLED when their signal is aborted", async () => {
    const controller = new AbortController();
    const { client } = connect(
      streaming(prune, async function* () {
        yield { ID: "first" };
        await new Promise(() => {});
      }),
    );
    const reading = (async () => {
      for await (const _record of client.serverStream(prune, {}, { signal: controller.signal })) controller.abort();
    })();
    expect((await failure(reading)).code).toBe("CANCELLED");
  });

  test("deliver what was sent before the handler failed", async () => {
    const { client } = connect(
      streaming(prune, async function* () {
        yield { ID: "first" };
        throw new RpcError("ABORTED", "no more");
      }),
    );
    const seen: string[] = [];
    const reading = (async () => {
      for await (const record of client.serverStream(prune, {})) seen.push(record.ID);
    })();
    expect((await failure(reading)).code).toBe("ABORTED");
    expect(seen).toEqual(["first"]);
  });

  test("throw what the iterable of requests throws", async () => {
    const { client } = connect(echo);
    const requests = async function* () {
      yield { ID: 1 };
      throw new TypeError("no such file");
    };
    await expect(collect(client.stream(diffCopy, requests()))).rejects.toThrow(new TypeError("no such file"));
  });

  test("end although the server answers before the requests are all sent", async () => {
    const { client } = connect(
      streaming(diffCopy, async function* () {
        yield { ID: 7 };
      }),
    );
    const call = await client.open(diffCopy);
    expect((await collect(call.responses)).map(({ ID }) => ID)).toEqual([7]);
  });
});

describe("a connection", () => {
  test("that is lost makes its calls UNAVAILABLE, and names the peer", async () => {
    const called = event<void>();
    const { client, near } = connect(
      unary(getSecret, () => {
        called.resolve();
        return new Promise(() => {});
      }),
    );
    const call = failure(client.call(getSecret, { ID: "x" }));
    await called.promise;
    near.destroy();
    const error = await call;
    expect(error.code).toBe("UNAVAILABLE");
    expect(error.message).toBe("the connection to buildkitd was lost");
  });

  test("is opened anew for the next call after it was lost", async () => {
    const duplexes: Duplex[] = [];
    const client = new RpcClient({
      connect: () => {
        const [near, far] = memoryPipe();
        duplexes.push(near);
        serveRpc(far, [unary(getSecret, ({ ID }) => ({ data: Buffer.from(ID) }))]);
        return near;
      },
    });
    open.push(client);
    await client.call(getSecret, { ID: "one" });
    const gone = new Promise((resolve) => duplexes[0]!.once("close", resolve));
    duplexes[0]!.destroy();
    await gone;
    await client.call(getSecret, { ID: "two" });
    expect(duplexes.length).toBe(2);
  });

  test("to something that isn't gRPC is lost with a reason", async () => {
    const [near, far] = memoryPipe();
    far.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    const client = new RpcClient({ connect: () => near });
    open.push(client);
    expect((await failure(client.call(getSecret, { ID: "x" }))).message).toBe(
      "the connection to buildkitd was lost: what answers there doesn't speak HTTP/2",
    );
  });

  test("that can't be opened fails the call with the reason", async () => {
    const client = new RpcClient({
      connect: () => {
        throw new Error("no such socket");
      },
    });
    await expect(client.call(getSecret, { ID: "x" })).rejects.toThrow("no such socket");
  });

  test("that is closed by its owner cancels its calls", async () => {
    const called = event<void>();
    const { client } = connect(
      unary(getSecret, () => {
        called.resolve();
        return new Promise(() => {});
      }),
    );
    const call = failure(client.call(getSecret, { ID: "x" }));
    await called.promise;
    await client.close();
    expect((await call).code).toBe("CANCELLED");
    expect((await failure(client.call(getSecret, { ID: "x" }))).code).toBe("CANCELLED");
  });
});
