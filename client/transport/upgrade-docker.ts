/**
 * The BuildKit within a Docker daemon: an HTTP/1.1 request to `/grpc` that turns into a raw HTTP/2 connection.
 * Source: moby/moby v28.5.2: daemon/server/router/grpc (POST /grpc, Upgrade: h2c).
 */

import { request } from "node:http";
import type { Duplex } from "node:stream";
import { ConnectError } from "./connect-error.ts";

/** Turns a connection to a Docker daemon into one to its BuildKit. Throws `ConnectError` "no-buildkit". */
export function upgradeDocker(daemon: Duplex): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const asking = request({
      method: "POST",
      path: "/grpc",
      headers: { Host: "docker", Connection: "Upgrade", Upgrade: "h2c" },
      createConnection: () => daemon,
    });
    const fail = (why: string, cause?: unknown) => {
      daemon.destroy();
      reject(new ConnectError("no-buildkit", `the Docker daemon gives no access to BuildKit: ${why}`, { cause }));
    };
    asking.once("upgrade", (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asking.once("response", (response) => fail(`HTTP status ${response.statusCode}`));
    asking.once("error", (error) => fail(error.message, error));
    asking.end();
  });
}
