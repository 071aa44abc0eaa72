/** How both sides of our HTTP/2 connections are set up. */

import type { Http2Session, ServerSessionOptions } from "node:http2";

/** Large enough that neither side waits for the other's window updates on a fast link; HTTP/2's own default is 64 KiB. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** Options for both sides' sessions. */
export const sessionOptions: Pick<ServerSessionOptions, "maxSessionMemory" | "settings"> = {
  // Node's default of 10 MB makes it refuse streams as soon as messages of the size that BuildKit allows wait in its buffers.
  maxSessionMemory: 1024,
  // gRPC has no use for server push.
  settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
};

/** The window above counts for single streams; the whole connection's window has to be opened separately, once it is connected. */
export function widenWindow(session: Http2Session): void {
  const widen = () => session.setLocalWindowSize(2 * WINDOW_BYTES);
  if (session.connecting) session.once("connect", widen);
  else widen();
}
