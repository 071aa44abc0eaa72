/** The connection of a frontend in a container: the daemon is on the other end of its standard input and output. */

import * as net from "node:net";
import { Duplex } from "node:stream";

/** Takes file descriptors 0 and 1 as one stream. Nothing else may read or write them from then on. */
export function connectStdio(): Duplex {
  const input = new net.Socket({ fd: 0, readable: true, writable: false });
  const output = new net.Socket({ fd: 1, readable: false, writable: true });
  return Duplex.from({ readable: input, writable: output });
}
