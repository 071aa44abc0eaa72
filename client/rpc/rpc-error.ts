/**
 * The error of every remote call: gRPC's status code, message and typed details.
 * Codes as in https://github.com/grpc/grpc/blob/master/doc/statuscodes.md; details as in google/rpc/status.proto.
 */

/** gRPC status codes by name. */
export const RpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type RpcCodeName = keyof typeof RpcCode;

const NAMES_BY_NUMBER: ReadonlyMap<number, RpcCodeName> = new Map(
  // Object.entries forgets that the keys are RpcCode's.
  Object.entries(RpcCode).map(([name, number]) => [number, name as RpcCodeName]),
);

/** The name of a code on the wire; a number outside the table is `UNKNOWN`, as gRPC demands. */
export function codeName(number: number): RpcCodeName {
  return NAMES_BY_NUMBER.get(number) ?? "UNKNOWN";
}

/** One typed detail, as `google.protobuf.Any` has it. BuildKit's values are JSON where the URL ends in `+json`. */
export interface RpcErrorDetail {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** What an {@link RpcError} carries besides code and message. */
export interface RpcErrorExtras {
  readonly details?: readonly RpcErrorDetail[] | undefined;
  /** Metadata that came with the status. */
  readonly metadata?: ReadonlyMap<string, readonly string[]> | undefined;
  /** As of {@link RpcError.connectionLost}. Default: false. */
  readonly connectionLost?: boolean | undefined;
  readonly cause?: unknown;
}

/** A call failed: on the other side, on the way, or because it was given up. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: RpcCodeName;
  readonly details: readonly RpcErrorDetail[];
  readonly metadata: ReadonlyMap<string, readonly string[]>;
  /** Whether the call has no outcome because its connection went away; `UNAVAILABLE` may also be what the other side answered. */
  readonly connectionLost: boolean;

  constructor(code: RpcCodeName, message: string, extras: RpcErrorExtras = {}) {
    super(message, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.details = extras.details ?? [];
    this.metadata = extras.metadata ?? new Map();
    this.connectionLost = extras.connectionLost ?? false;
  }

  /**
   * Makes an `RpcError` of whatever was thrown: itself if it is one, `CANCELLED` for an `AbortError`, `DEADLINE_EXCEEDED` for a
   * `TimeoutError`, otherwise `UNKNOWN` with the error's message and the error as cause.
   */
  static from(error: unknown): RpcError {
    if (error instanceof RpcError) return error;
    if (!(error instanceof Error)) return new RpcError("UNKNOWN", String(error), { cause: error });
    if (error.name === "AbortError") return new RpcError("CANCELLED", "the call was cancelled", { cause: error });
    if (error.name === "TimeoutError")
      return new RpcError("DEADLINE_EXCEEDED", "the call took too long", { cause: error });
    return new RpcError("UNKNOWN", error.message, { cause: error });
  }
}
