export type ComposeErrorCode =
  | "docker-missing"
  | "docker-too-old"
  | "docker-down"
  | "compose-failed"
  | "unknown-service"
  | "unknown-workflow"
  | "bad-composition"
  | "test-failed";

/** Something about Docker, Compose or a composition that is not as a command needs it. */
export class ComposeError extends Error {
  override readonly name = "ComposeError";
  readonly code: ComposeErrorCode;
  readonly hint: string | undefined;
  /** Of the command that failed, which is that of mzcompose then, too. */
  readonly exitCode: number | undefined;

  constructor(
    code: ComposeErrorCode,
    message: string,
    details: { readonly hint?: string | undefined; readonly cause?: unknown; readonly exitCode?: number } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.exitCode = details.exitCode;
  }
}
