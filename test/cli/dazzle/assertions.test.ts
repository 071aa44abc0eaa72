import { describe, expect, it } from "vitest";
import { type AssertionLimits, checkAssertions } from "../../../cli/dazzle/test/assertions.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const outcome = { stdout: bytes("a\nb\0c\n"), stderr: bytes(""), status: 3 };

function check(assertions: readonly string[], limits: Partial<AssertionLimits> = {}) {
  return checkAssertions(assertions, outcome, { now: () => Date.now(), ...limits });
}

describe("assertions", () => {
  it("know what was printed and how it ended, NUL bytes included", async () => {
    const all = ['stdout.split("\\n").length == 3 && stdout.length == 6', "stderr === ''", "status == 3"];
    expect(await check(all)).toEqual({ kind: "passed" });
    expect(await check([])).toEqual({ kind: "passed" });
  });

  it("share variables, and are programs", async () => {
    expect(await check(["var x = 1;\nfunction f() { return x; }\nf() == 1", "x == 1"])).toEqual({ kind: "passed" });
  });

  it("that don't hold are told with the values they have compared, and end the test", async () => {
    const result = await check(["true", 'status == 0 && stdout == "x"', "status =="]);
    expect(result).toEqual({
      kind: "failed",
      index: 1,
      message: 'assertion failed: status == 0 && stdout == "x"',
      details: ["because of: status == 0", "status is 3"],
    });
  });

  it.each([
    ["stdout.length", "assertion must evaluate to boolean value (it is 6)"],
    ["", "assertion must evaluate to boolean value (it is undefined)"],
    ["new Boolean(true)", "assertion must evaluate to boolean value (it is object)"],
    ["missing.length == 0", "ReferenceError: 'missing' is not defined"],
    ["throw new Error('no')", "Error: no"],
    ["(function f() { return f() })()", "InternalError: stack overflow"],
  ])("%j is an error", async (assertion, message) => {
    expect(await check([assertion])).toMatchObject({ kind: "error", message });
  });

  it("that don't parse are errors", async () => {
    expect(await check(["status =="])).toMatchObject({
      kind: "error",
      message: expect.stringContaining("SyntaxError"),
    });
  });

  it("that loop are stopped, whatever they catch", async () => {
    const result = await check(["try { while (true) {} } catch (e) { true }"], { timeMs: 50 });
    expect(result).toMatchObject({ kind: "error", message: expect.stringContaining("did not end within") });
  });

  it("that eat memory are stopped", async () => {
    const result = await check(["var all = []; while (true) all.push(new Array(1000))"], {
      memoryBytes: 4 * 1024 * 1024,
    });
    expect(result).toMatchObject({ kind: "error", message: expect.stringContaining("too much memory") });
  });

  it("know nothing else", async () => {
    const nothing = ["process", "require", "fetch", "setTimeout", "std", "os", "module", "WebAssembly", "Deno"];
    expect(await check(nothing.map((name) => `typeof ${name} == "undefined"`))).toEqual({ kind: "passed" });
    const names = 'var g = (function () { return this })(); Object.keys(g).join() == "stdout,stderr,status,console,g"';
    expect(await check([names])).toEqual({ kind: "passed" });
    expect(await check(["(0, eval)('1') == 1 && new Function('return typeof process')() == 'undefined'"])).toEqual({
      kind: "passed",
    });
  });

  it("may print", async () => {
    const printed: string[] = [];
    await check(["console.log('x', 1); true"], { onPrint: (line) => printed.push(line) });
    expect(printed).toEqual(["x 1"]);
  });
});
