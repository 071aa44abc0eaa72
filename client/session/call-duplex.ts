/** A call whose messages carry bytes, seen as a duplex stream: BuildKit tunnels connections this way. */

import { Duplex } from "node:stream";
import type { ClientCall } from "../rpc/client.ts";
import { RpcError } from "../rpc/rpc-error.ts";

/** The message that `moby.buildkit.v1`, `moby.filesync.v1` and others call BytesMessage. */
interface BytesMessage {
  readonly data: Uint8Array;
}

/** The stream, and how its call ended: undefined if in order. The stream itself never emits an error of the call. */
export interface CallDuplex {
  readonly duplex: Duplex;
  readonly ended: Promise<RpcError | undefined>;
}

export function callDuplex(call: ClientCall<BytesMessage, BytesMessage>): CallDuplex {
  let resume: (() => void) | undefined;
  const duplex = new Duplex({
    read() {
      resume?.();
    },
    write(chunk: Uint8Array, _encoding, done) {
      send(call, chunk).then(() => done(), done);
    },
    writev(chunks, done) {
      send(call, Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
    },
    final(done) {
      call.end().then(() => done(), done);
    },
  });
  duplex.once("close", () => resume?.());
  // Writing to a call that has ended fails; `ended` tells why it has.
  duplex.on("error", () => {});

  const receive = async (): Promise<RpcError | undefined> => {
    try {
      for await (const { data } of call.responses) {
        // What comes after the duplex is gone is dropped: nobody would ever ask to go on.
        if (data.length > 0 && !duplex.push(data) && !duplex.destroyed) {
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        }
        if (duplex.destroyed) break;
      }
      return undefined;
    } catch (error) {
      return RpcError.from(error);
    } finally {
      if (!duplex.destroyed) duplex.push(null);
    }
  };
  return { duplex, ended: receive() };
}

async function send(call: ClientCall<BytesMessage, BytesMessage>, data: Uint8Array): Promise<void> {
  await call.send({ data });
}
