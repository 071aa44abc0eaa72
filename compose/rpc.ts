/**
 * Operations for a workflow that runs in another process: one JSON object a line, in both directions.
 *
 *     from the workflow   {"id": 1, "call": "up", "request": {"services": ["db"]}}
 *     to the workflow     {"id": 1, "result": null}
 *                     or  {"id": 1, "error": {"message": "docker compose failed (exit status 1)", "hint": "…"}}
 *
 * Ids are the caller's; answers come in any order. Pure: lines in, lines out.
 */
import type { Json } from "./model.ts";
import { type CompositionOperations, OPERATIONS, type OperationName } from "./operations.ts";

interface Call {
  readonly id: number;
  readonly call: string;
  readonly request: unknown;
}

export interface AnswerError {
  readonly message: string;
  readonly hint?: string;
}

export type Answer =
  | { readonly id: number; readonly result: Json }
  | { readonly id: number; readonly error: AnswerError };

/**
 * Answers one line. What isn't a call of an operation is answered with an error, too; a request's fields are the operation's to
 * check, and what is missing has its default.
 */
export async function answerCall(line: string, operations: CompositionOperations): Promise<Answer> {
  let call: Call;
  try {
    call = JSON.parse(line);
  } catch {
    return { id: 0, error: { message: `not JSON: ${line}` } };
  }
  if (!isOperation(call.call)) return { id: call.id, error: { message: `there is no operation ${call.call}` } };
  try {
    // A request from outside: every operation reads its fields as optional ones.
    const operation = operations[call.call] as (request: unknown) => Promise<Json | undefined>;
    const result = await operation.call(operations, call.request ?? {});
    return { id: call.id, result: result ?? null };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
    return { id: call.id, error: hint === undefined ? { message } : { message, hint } };
  }
}

function isOperation(name: string): name is OperationName {
  return OPERATIONS.includes(name);
}
