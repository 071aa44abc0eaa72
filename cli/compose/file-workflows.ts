/** Workflows in Compose files: the key `x-workflows`, which Compose itself passes over. docs/mzcompose-from-compose.md, "Workflows". Pure. */
import type { Json, JsonObject } from "../../compose/index.ts";
import { ComposeError } from "./compose-error.ts";
import { isJsonObject } from "./json-object.ts";

export type WorkflowStep =
  /** A command of mzcompose, as a line or as words. */
  | { readonly kind: "command"; readonly command: string | readonly string[] }
  /** A script for the shell of this machine. */
  | { readonly kind: "script"; readonly script: string }
  | { readonly kind: "test"; readonly name: string; readonly steps: readonly WorkflowStep[] };

export interface FileWorkflow {
  readonly name: string;
  readonly description: string | undefined;
  readonly steps: readonly WorkflowStep[];
  /** Done in the end, whatever happened before. */
  readonly finally: readonly WorkflowStep[];
}

/** The key in Compose files. */
export const WORKFLOWS_KEY = "x-workflows";

/** From what Compose has made of the files. Throws `ComposeError` "bad-composition" that says at which key. */
export function fileWorkflows(value: Json | undefined): readonly FileWorkflow[] {
  if (value === undefined || value === null) return [];
  if (!isJsonObject(value)) throw wrong(WORKFLOWS_KEY, "must be a mapping from names to lists of steps");
  return Object.entries(value).map(([name, given]) => workflowIn(name, given, `${WORKFLOWS_KEY}.${name}`));
}

function workflowIn(name: string, given: Json, at: string): FileWorkflow {
  const workflow: JsonObject = isJsonObject(given) ? given : { steps: given };
  checkKeys(workflow, ["description", "steps", "finally"], at);
  const { description } = workflow;
  if (description !== undefined && typeof description !== "string") throw wrong(`${at}.description`, "must be text");
  return {
    name: name.replaceAll("_", "-"),
    description: description === undefined ? undefined : unescaped(description).trim(),
    steps: stepsIn(workflow["steps"], isJsonObject(given) ? `${at}.steps` : at),
    finally: workflow["finally"] === undefined ? [] : stepsIn(workflow["finally"], `${at}.finally`),
  };
}

function stepsIn(given: Json | undefined, at: string): readonly WorkflowStep[] {
  if (!Array.isArray(given)) throw wrong(at, "must be a list of steps");
  return given.map((step: Json, index) => stepIn(step, `${at}[${index}]`));
}

function stepIn(step: Json, at: string): WorkflowStep {
  if (typeof step === "string") return { kind: "command", command: unescaped(step) };
  if (Array.isArray(step)) return { kind: "command", command: step.map((word) => unescaped(String(word))) };
  if (!isJsonObject(step)) throw wrong(at, "must be a command, or a mapping with `sh` or `test`");
  const { sh, test } = step;
  if (typeof sh === "string") {
    checkKeys(step, ["sh"], at);
    return { kind: "script", script: unescaped(sh) };
  }
  if (typeof test === "string") {
    checkKeys(step, ["test", "steps"], at);
    return { kind: "test", name: unescaped(test), steps: stepsIn(step["steps"], `${at}.steps`) };
  }
  // What YAML makes of a line with a colon in it.
  throw wrong(at, "must be a command (one with a colon in quotes), or a mapping with `sh` or `test`");
}

function checkKeys(mapping: JsonObject, known: readonly string[], at: string): void {
  const unknown = Object.keys(mapping).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong(at, `has a key ${unknown}; there are ${known.join(", ")}`);
}

/** Compose, which has put variables in, writes every `$` that is left twice. */
function unescaped(text: string): string {
  return text.replaceAll("$$", "$");
}

function wrong(at: string, message: string): ComposeError {
  return new ComposeError("bad-composition", `${at} ${message}`, {
    hint: "workflows in Compose files are described in docs/mzcompose-from-compose.md",
  });
}
