/** A registry, or a service beside one, that did not do what it was asked. */
import type { HttpAnswer } from "../http-request.ts";

export interface RegistryErrorDetails {
  /** Of the answer; undefined where there was none. */
  readonly status?: number | undefined;
  /** Whether another try may go better: too many requests, the server's own troubles, a connection that broke. */
  readonly isTransient: boolean;
  /** How long the registry wants to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** A registry refused, answered what it should not, or did not answer. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly code = "registry-failed";
  readonly status: number | undefined;
  readonly isTransient: boolean;
  readonly retryAfterMs: number;
  readonly hint: string | undefined;

  constructor(message: string, details: RegistryErrorDetails) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.isTransient = details.isTransient;
    this.retryAfterMs = details.retryAfterMs ?? 0;
    this.hint = details.hint;
  }
}

/**
 * Of a manifest whose blobs have been sent: while two send one blob at the same moment, the reference registry finds it unreadable
 * for as long as the later one is written.
 */
const HALF_WRITTEN = "MANIFEST_BLOB_UNKNOWN";

/** What is read of an answer: fetch's, or that of `httpRequest`. */
export type Answered = Pick<HttpAnswer, "status" | "statusText" | "headers" | "text">;

/** The error for an answer, with the server's own words. Source: distribution's spec, "Errors": `{"errors": [{code, message}]}`. */
export async function answeredBadly(what: string, response: Answered): Promise<RegistryError> {
  const text = await response.text().catch(() => ""); // the status alone then
  const said = errorsOf(text);
  const { status } = response;
  return new RegistryError(`${what}: ${status} ${response.statusText}${said.words === "" ? "" : `: ${said.words}`}`, {
    status,
    isTransient: status === 408 || status === 429 || status >= 500 || said.codes.includes(HALF_WRITTEN),
    retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
    hint: status === 401 || status === 403 ? "log in with docker login, as somebody who may write there" : undefined,
  });
}

/** The error for a connection that failed, or broke before the end. */
export function brokeOff(what: string, cause: unknown): RegistryError {
  // fetch hides the reason (a refused connection, an unknown certificate) one level down.
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const message = reason instanceof Error ? reason.message || reason.name : String(reason);
  return new RegistryError(`${what}: ${message}`, {
    isTransient: !isCertificateFault(reason),
    hint: UNREACHABLE.test(message) ? "no such registry can be reached: check its name, and the network" : undefined,
    cause,
  });
}

const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/;

/** A registry may ask for an hour; beyond this, giving up is the better answer. */
const LONGEST_WAIT_MS = 60_000;

function retryAfterMs(header: string | null): number {
  const seconds = Number(header ?? "");
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0) * 1000, LONGEST_WAIT_MS) : 0;
}

function isCertificateFault(reason: unknown): boolean {
  const code = reason instanceof Error && "code" in reason ? String(reason.code) : "";
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ENOTFOUND/.test(code);
}

interface SaidErrors {
  readonly codes: readonly string[];
  /** For people. */
  readonly words: string;
}

function errorsOf(text: string): SaidErrors {
  try {
    const answer: { readonly errors?: readonly { readonly code?: string; readonly message?: string }[] } | null =
      JSON.parse(text);
    const errors = answer?.errors ?? [];
    const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(" "));
    if (words.length > 0) return { codes: errors.flatMap(({ code }) => code ?? []), words: words.join("; ") };
  } catch {
    // no JSON: as it is
  }
  return { codes: [], words: text.trim().slice(0, 300) };
}
