import { Duplex } from "node:stream";

/**
 * Two connected ends in memory. A write completes at once, as into a socket's kernel buffer: Node's own `duplexPair` completes it
 * when the other end has read, while its HTTP/2 sessions don't read before their writes have completed, so two of them lock up.
 */
export function memoryPipe(): [Duplex, Duplex] {
  const ends: [Duplex, Duplex] = [end(() => ends[1]), end(() => ends[0])];
  return ends;
}

function end(other: () => Duplex): Duplex {
  return new Duplex({
    read() {},
    write(chunk, _encoding, callback) {
      if (!other().destroyed) other().push(chunk);
      callback();
    },
    final(callback) {
      other().push(null);
      callback();
    },
    destroy(error, callback) {
      // As when one process of two closes its socket.
      if (!other().destroyed) other().push(null);
      callback(error);
    },
  });
}
