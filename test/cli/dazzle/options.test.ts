import { describe, expect, it } from "vitest";
import { booleanOptions } from "../../../cli/dazzle/boolean-options.ts";
import { junitXml } from "../../../cli/dazzle/test/junit.ts";
import { splitCommand } from "../../../cli/dazzle/test/split-command.ts";
import { parseDuration } from "../../../cli/dazzle/test-timeout.ts";

describe("mzdazzle's command line", () => {
  it("takes values of flags, as the original's does", () => {
    const args = ["combine", "--all=true", "--no-test=false", "-v=1", "x", "--", "--all=true"];
    expect(booleanOptions(args)).toEqual(["combine", "--all", "-v", "x", "--", "--all=true"]);
  });

  it.each([
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["45", 45_000],
    ["0.5s", 500],
  ])("reads %s as a time", (text, ms) => {
    expect(parseDuration("--test-timeout", text)).toBe(ms);
  });

  it.each(["x", "0", "1d", "-1s", "9999h"])("refuses %s as a time", (text) => {
    expect(() => parseDuration("--test-timeout", text)).toThrow(`--test-timeout ${text} is no time`);
  });

  it("splits commands at spaces, but for what is in quotes", () => {
    expect(splitCommand('sh -c "echo ""a b"""  x')).toEqual(["sh", "-c", 'echo "a b"', "x"]);
    expect(splitCommand("")).toEqual([]);
    expect(() => splitCommand('a "b')).toThrow("quotes");
  });
});

describe("JUnit's XML", () => {
  it("has what XML can have", () => {
    const at = { file: "f", start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
    const base = { skip: false, user: "", command: ["x"], entrypoint: [], env: [], assertions: [], assertionsAt: [] };
    const spec = { ...base, desc: 'a<b>&"\x00', at };
    const xml = junitXml([
      { name: "s", results: [{ spec, tookMs: 1500, kind: "failed", message: "m\n", details: [] }] },
    ]);
    expect(xml).toContain('<testsuite name="s" tests="1" failures="1" errors="0" skipped="0">');
    expect(xml).toContain('name="a&lt;b&gt;&amp;&quot;" time="1.500"');
  });
});
