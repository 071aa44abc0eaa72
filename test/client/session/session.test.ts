import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { RpcClient } from "../../../client/rpc/client.ts";
import type { Metadata } from "../../../client/rpc/method.ts";
import { RpcError } from "../../../client/rpc/rpc-error.ts";
import { duplexCall, serveRpc, unary } from "../../../client/rpc/server.ts";
import { callDuplex } from "../../../client/session/call-duplex.ts";
import { openSession } from "../../../client/session/session.ts";
import { control, health, secrets } from "../../../proto/index.ts";
import { memoryPipe } from "../rpc/memory-pipe.ts";

/** A control connection whose other end hands the session, as the daemon's client of it, to `use`. */
function controlConnection(use: (inner: RpcClient, metadata: Metadata) => Promise<void>): RpcClient {
  const [near, far] = memoryPipe();
  serveRpc(far, [
    duplexCall(control.Control.session, async (call) => {
      // The tunnel's far end, made of a server's call instead of a client's.
      const { duplex } = callDuplex({
        send: (message) => call.send(message),
        end: async () => {},
        cancel: () => {},
        responses: call.requests,
      });
      await using inner = new RpcClient({ connect: () => duplex });
      // As the daemon has it, the call ends with the connection in it.
      await Promise.race([use(inner, call.metadata), once(duplex, "close")]);
    }),
  ]);
  return new RpcClient({ connect: () => near });
}

const secretService = unary(secrets.Secrets.getSecret, ({ ID }) => ({
  data: Buffer.from(`${ID} is safe`.repeat(10_000)),
}));

describe("a session", () => {
  test("lets the daemon call the services it announced, and its health", async () => {
    const seen: unknown[] = [];
    await using client = controlConnection(async (inner, metadata) => {
      seen.push(metadata.get("x-docker-expose-session-grpc-method"));
      seen.push((await inner.call(health.Health.check, {})).status);
      const { data } = await inner.call(secrets.Secrets.getSecret, { ID: "token" });
      seen.push(Buffer.from(data).toString().length);
    });
    const session = await openSession(client, { services: [secretService] });
    await session.ended;
    expect(seen).toEqual([
      ["/grpc.health.v1.Health/Check", "/moby.buildkit.secrets.v1.Secrets/GetSecret"],
      health.ServingStatus.SERVING,
      "token is safe".length * 10_000,
    ]);
  });

  test.each([
    ["plain:key", "plain:key", undefined],
    ["/home/jörg/x y", "%2Fhome%2Fj%C3%B6rg%2Fx%20y", "1"],
  ])("tells the shared key %j so that a header can hold it", async (sharedKey, value, encoded) => {
    const seen: Metadata[] = [];
    await using client = controlConnection(async (_inner, metadata) => void seen.push(metadata));
    const session = await openSession(client, { services: [], sharedKey });
    await session.ended;
    const header = "x-docker-expose-session-sharedkey";
    expect([seen[0]?.get(header)?.[0], seen[0]?.get(`${header}-encoded`)?.[0]]).toEqual([value, encoded]);
  });

  test("that this side closes ends without an error", async () => {
    await using client = controlConnection(async (inner) => {
      await inner.call(health.Health.check, {});
      await new Promise(() => {});
    });
    const session = await openSession(client, { services: [] });
    await session.close();
    expect(await session.ended).toBeUndefined();
  });

  test("that the daemon refuses ends with its reason", async () => {
    await using client = controlConnection(async () => {
      throw new RpcError("ALREADY_EXISTS", "session exists");
    });
    const session = await openSession(client, { services: [] });
    expect(await session.ended).toMatchObject({ code: "ALREADY_EXISTS", message: "session exists" });
  });
});
