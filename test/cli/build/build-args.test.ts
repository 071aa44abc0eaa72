import { expect, test } from "vitest";
import { buildArgAttributes, checkNamedBuildArgs } from "../../../cli/build/build-args.ts";

test("a name alone takes the value of the environment, and is nothing without one", () => {
  const env = { FROM_ENV: "x", EMPTY: "" };
  expect(buildArgAttributes({ env }, ["A=1=2", "FROM_ENV", "EMPTY", "MISSING", "B="])).toEqual({
    "build-arg:A": "1=2",
    "build-arg:FROM_ENV": "x",
    "build-arg:EMPTY": "",
    "build-arg:B": "",
  });
});

test("what changes the result is refused for images that are named by their fingerprints", () => {
  expect(() => checkNamedBuildArgs(["HTTP_PROXY=http://p", "no_proxy", "SOURCE_DATE_EPOCH=0"])).not.toThrow();
  expect(() => checkNamedBuildArgs(["HTTP_PROXY=x", "VERSION=2"])).toThrow("--build-arg VERSION=2");
});
