// Two ends of a transfer, connected in memory: what one sends, the other gets.
import type { PacketStream } from "../../../client/filesync/send-tree.ts";

export interface PacketPipe {
  readonly sender: PacketStream;
  readonly receiver: PacketStream;
  /** Ends both directions, as the call does when one side is through. */
  end(): void;
}

export function packetPipe(): PacketPipe {
  const toReceiver = queue();
  const toSender = queue();
  return {
    sender: { requests: toSender.items(), send: toReceiver.push },
    receiver: { requests: toReceiver.items(), send: toSender.push },
    end() {
      toReceiver.end();
      toSender.end();
    },
  };
}

function queue() {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let wake: () => void = () => {};
  return {
    push(message: Uint8Array): undefined {
      waiting.push(Uint8Array.from(message));
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *items(): AsyncGenerator<Uint8Array> {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
