/** Why no connection to an engine could be made. Losing one that was made is an `RpcError` with code `UNAVAILABLE`. */

/** Stable and greppable; never reworded. */
export type ConnectErrorCode = "bad-address" | "unreachable" | "bad-tls" | "no-buildkit" | "command-failed";

/** No connection comes about: the address is wrong, or nobody answers there. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly code: ConnectErrorCode;
  /** What to do next, as a sentence fragment without a capital; undefined where there is nothing to propose. */
  readonly hint: string | undefined;

  constructor(
    code: ConnectErrorCode,
    message: string,
    details: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
  }
}
