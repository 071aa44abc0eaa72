/**
 * The error type of the BuildKit client: a stable code for programs, a sentence for people, a way out.
 * Wire failures are `RpcError`s; this class is for what goes wrong on our own side of the connection.
 */

/** Stable and greppable; never reworded. */
export type ClientErrorCode =
  | "bad-option"
  | "bad-pattern"
  | "missing-input"
  | "unreadable-input"
  | "sync-protocol"
  | "sync-peer-failed"
  | "unsafe-path"
  | "disk-full"
  | "export-failed"
  | "docker-load-failed"
  | "docker-push-failed"
  | "bad-docker-config"
  | "credential-helper-failed"
  | "token-refused"
  | "missing-secret"
  | "secret-too-large"
  | "ssh-agent-failed"
  | "bad-oci-layout";

/** Something on our own side of the connection is wrong: an option, a file, a login. */
export class ClientError extends Error {
  override readonly name = "ClientError";

  constructor(
    code: ClientErrorCode,
    message: string,
    details: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
  }

  readonly code: ClientErrorCode;
  /** What to do next, as a sentence fragment without a capital; undefined where there is nothing to propose. */
  readonly hint: string | undefined;
}

/** The errno name ("ENOENT") of a Node system error, or undefined for any other value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What an error says of itself; any other thrown value as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
