/**
 * The assertions of a test: JavaScript programs that know what a command has printed and how it ended, and nothing else. They
 * run in an engine of their own (QuickJS, compiled to WebAssembly), with so much time and memory. docs/dazzle.md, "Assertions".
 * Source of the rules: gitpod-io/dazzle v0.1.17: pkg/test/test.go (`ValidateAssertions`).
 */
import variant from "@jitl/quickjs-singlefile-cjs-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import { failedComparison } from "./failed-comparison.ts";

/** What a command left behind. */
export interface CommandOutcome {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly status: number;
}

export type AssertionResult =
  | { readonly kind: "passed" }
  /** `index` is that of the assertion; `details` are lines that show the values it was about. */
  | { readonly kind: "failed"; readonly index: number; readonly message: string; readonly details: readonly string[] }
  | { readonly kind: "error"; readonly index: number; readonly message: string };

export interface AssertionLimits {
  /** For all assertions of a test together. Default: 5000. */
  readonly timeMs?: number;
  /** Default: 256 MiB. */
  readonly memoryBytes?: number;
  /** Gets what `console.log` prints. */
  readonly onPrint?: (line: string) => void;
  readonly now: () => number;
}

let engine: Promise<QuickJSWASMModule> | undefined;

/** Evaluates assertions in order, in one context, until one doesn't hold. */
export async function checkAssertions(
  assertions: readonly string[],
  outcome: CommandOutcome,
  limits: AssertionLimits,
): Promise<AssertionResult> {
  if (assertions.length === 0) return { kind: "passed" };
  engine ??= newQuickJSWASMModuleFromVariant(Promise.resolve(variant));
  const runtime = (await engine).newRuntime();
  const timeMs = limits.timeMs ?? 5000;
  const end = limits.now() + timeMs;
  runtime.setMemoryLimit(limits.memoryBytes ?? 256 * 1024 * 1024);
  runtime.setMaxStackSize(256 * 1024);
  runtime.setInterruptHandler(() => limits.now() > end);
  const context = runtime.newContext();
  try {
    setGlobals(context, outcome, limits);
    return evaluateAll(context, assertions, timeMs);
  } finally {
    context.dispose();
    runtime.dispose();
  }
}

function evaluateAll(context: QuickJSContext, assertions: readonly string[], timeMs: number): AssertionResult {
  for (const [index, assertion] of assertions.entries()) {
    const value = evaluate(context, assertion, timeMs);
    if (value.kind === "error") return { kind: "error", index, message: value.message };
    if (value.json === "true") continue;
    if (value.json !== "false") {
      const got = value.json === undefined ? value.type : shorten(value.json);
      return { kind: "error", index, message: `assertion must evaluate to boolean value (it is ${got})` };
    }
    const show = (expression: string): string | undefined => {
      const part = evaluate(context, `(${expression}\n)`, timeMs);
      return part.kind === "error" ? undefined : shorten(part.json ?? part.type);
    };
    return {
      kind: "failed",
      index,
      message: `assertion failed: ${assertion}`,
      details: failedComparison(assertion, show),
    };
  }
  return { kind: "passed" };
}

type Value =
  | { readonly kind: "value"; readonly json: string | undefined; readonly type: string }
  | { readonly kind: "error"; readonly message: string };

function evaluate(context: QuickJSContext, program: string, timeMs: number): Value {
  const result = context.evalCode(program, "assertion", { type: "global" });
  if (result.error !== undefined) {
    const message = errorText(context, result.error, timeMs);
    result.error.dispose();
    return { kind: "error", message };
  }
  const { value } = result;
  const type = context.typeof(value);
  const json = jsonOf(context, value, type);
  value.dispose();
  return { kind: "value", json, type };
}

/** By the engine's own JSON, whose text has no NUL in it: at one, texts would end on their way out. */
function jsonOf(context: QuickJSContext, value: QuickJSHandle, type: string): string | undefined {
  if (type !== "boolean" && type !== "number" && type !== "string" && type !== "object") return undefined;
  const json = context.getProp(context.global, "JSON");
  const stringify = context.getProp(json, "stringify");
  const result = context.callFunction(stringify, json, value);
  json.dispose();
  stringify.dispose();
  const handle = result.error ?? result.value;
  const text: unknown = result.error === undefined ? context.dump(handle) : undefined;
  handle.dispose();
  if (typeof text !== "string") return undefined;
  // An object that is a boolean's wrapper is no boolean, though it is written as one.
  return type === "object" && (text === "true" || text === "false") ? undefined : text;
}

function errorText(context: QuickJSContext, error: QuickJSHandle, timeMs: number): string {
  const dumped: unknown = context.dump(error);
  if (typeof dumped !== "object" || dumped === null) return `the assertion throws ${String(dumped)}`;
  const { name, message } = { name: "Error", message: "", ...dumped };
  if (name === "InternalError" && message === "interrupted") {
    return `the assertion was stopped: it did not end within ${timeMs / 1000} s`;
  }
  if (name === "InternalError" && message === "out of memory")
    return "the assertion was stopped: it needs too much memory";
  return message === "" ? name : `${name}: ${message}`;
}

function setGlobals(context: QuickJSContext, outcome: CommandOutcome, { onPrint }: AssertionLimits): void {
  const set = (name: string, handle: QuickJSHandle): void => {
    context.setProp(context.global, name, handle);
    handle.dispose();
  };
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  set("stdout", textHandle(context, decoder.decode(outcome.stdout)));
  set("stderr", textHandle(context, decoder.decode(outcome.stderr)));
  set("status", context.newNumber(outcome.status));
  const log = context.newFunction("log", (...args) => {
    onPrint?.(args.map((arg) => String(context.dump(arg))).join(" "));
  });
  const console = context.newObject();
  context.setProp(console, "log", log);
  log.dispose();
  set("console", console);
}

/** As a literal, which has no NUL in it: at one, texts would end on their way in. */
function textHandle(context: QuickJSContext, text: string): QuickJSHandle {
  return context.unwrapResult(context.evalCode(JSON.stringify(text), "output", { type: "global" }));
}

const SHOWN = 400;

function shorten(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`;
}
