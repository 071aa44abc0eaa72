/** How both sides of our HTTP/2 connections are set up. */

import type { Http2Session, Settings } from "node:http2";

/** Large enough that neither side waits for the other's window updates on a fast link; HTTP/2's own default is 64 KiB. */
const windowBytes = 8 * 1024 * 1024;

/** gRPC has no use for server push. */
export const sessionSettings: Settings = { enablePush: false, initialWindowSize: windowBytes };

/** The setting above counts for single streams; the whole connection's window has to be opened separately, once it is connected. */
export function widenWindow(session: Http2Session): void {
  const widen = () => session.setLocalWindowSize(2 * windowBytes);
  if (session.connecting) session.once("connect", widen);
  else widen();
}
