/** How an engine is reached: addresses, sockets, programs. */

export { type ConnectOptions, connectAddress, parseAddress, type Route } from "./connect-address.ts";
export { connectCommand } from "./connect-command.ts";
export { ConnectError, type ConnectErrorCode } from "./connect-error.ts";
export type { SocketTarget, TlsFiles } from "./connect-socket.ts";
export { connectStdio } from "./connect-stdio.ts";
