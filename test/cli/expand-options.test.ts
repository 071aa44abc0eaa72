import { describe, expect, test } from "vitest";
import { expandOptions } from "../../cli/expand-options.ts";
import { optionTable } from "../../cli/program/option-table.ts";
import { mzimageProgram } from "../../cli/program.ts";
import { testTerminal } from "./test-terminal.ts";

const program = mzimageProgram(testTerminal().terminal, { exit: () => {}, onRoot: () => {} });
const expand = (...args: readonly string[]) => expandOptions(optionTable(program, ["run"]), args);

describe("abbreviated options", () => {
  test.each([
    [
      ["fingerprint", "--san=address", "app"],
      ["fingerprint", "--sanitizer=address", "app"],
    ],
    [
      ["fingerprint", "app", "--san", "address", "--cov"],
      ["fingerprint", "app", "--sanitizer", "address", "--coverage"],
    ],
    [
      ["describe", "app", "--tr"],
      ["describe", "app", "--transitive"],
    ],
    [
      ["spec", "--image-r=r", "--image-p", "p-", "app"],
      ["spec", "--image-registry=r", "--image-prefix", "p-", "app"],
    ],
    [
      ["--ro", "list", "list"],
      ["--root", "list", "list"],
    ],
    [
      ["-C", "list", "list", "--j"],
      ["-C", "list", "list", "--json"],
    ],
  ])("%j", (args, whole) => {
    expect(expand(...args)).toEqual(whole);
  });

  test("an option's whole name is never taken for the beginning of another", () => {
    expect(expand("build", "--build-context", "a=b", "--buildkit=x")).toEqual([
      "build",
      "--build-context",
      "a=b",
      "--buildkit=x",
    ]);
  });

  test("the beginning of several is refused, and they are named", () => {
    expect(() => expand("fingerprint", "--image-=x")).toThrow("could be --image-registry, --image-prefix");
  });

  test("what is unknown is left for the parser", () => {
    expect(expand("list", "--nothing")).toEqual(["list", "--nothing"]);
  });

  test("a value that looks like an option is a value", () => {
    expect(expand("spec", "--image-pre", "--dev", "app")).toEqual(["spec", "--image-prefix", "--dev", "app"]);
  });

  test("arguments of the container are its own, as are those after --", () => {
    expect(expand("run", "--cov", "app", "--san", "--json")).toEqual(["run", "--coverage", "app", "--san", "--json"]);
    expect(expand("describe", "--", "--tr")).toEqual(["describe", "--", "--tr"]);
  });
});
