import { describe, expect, it, test } from "vitest";
import { describeFile, firstParagraph, pythonDocstring, workflowTexts } from "../../../cli/compose/documentation.ts";
import { workflowName } from "../../../cli/compose/load-typescript.ts";

describe("what a file says of its composition", () => {
  test.each([
    ['"""A test."""\n', "A test."],
    [
      "# Copyright\n# Licence\n\n'''A test.\n\n    Indented,\n      more.\n'''\nx = 1\n",
      "A test.\n\nIndented,\n  more.",
    ],
    ['#!/usr/bin/env python3\n"A\\ttest."\n', "A\ttest."],
    ['r"""A \\d test."""\n', "A \\d test."],
    ['"""A \\\nlong line, \\"quoted\\"."""\n', 'A long line, "quoted".'],
    ['import x\n"""No docstring."""\n', undefined],
    ['"""Never ends', undefined],
    ["SERVICES = []\n", undefined],
    ["", undefined],
  ])("of Python %j: %j", (text, expected) => {
    expect(pythonDocstring(text)).toBe(expected);
  });

  test.each([
    ["/** A test. */\nimport x from 'y';\n", "A test."],
    [
      "#!/usr/bin/env node\n// Copyright\n/* Licence */\n\n/**\n * A test.\n *\n * More.\n */\nexport const services = [];\n",
      "A test.\n\nMore.",
    ],
    ["import x from 'y';\n/** Of something else. */\n", undefined],
    ["/** Of a workflow. */\nexport async function workflowDefault() {}\n", undefined],
  ])("of TypeScript %j: %j", (text, expected) => {
    expect(describeFile("mzcompose.ts", text)).toBe(expected);
  });

  test.each([
    ["# A test,\n# whole.\n\n# Not this.\nservices:\n", "A test,\nwhole."],
    ["# yaml-language-server: $schema=x\n# A test.\nservices:\n", "A test."],
    ["services:\n  # no\n", undefined],
  ])("of Compose %j: %j", (text, expected) => {
    expect(describeFile("compose", text)).toBe(expected);
  });

  it("is listed up to the first empty line", () => {
    expect(firstParagraph("One\nline.\n\nAnother.")).toBe("One\nline.");
  });
});

describe("workflows", () => {
  test.each([
    ["workflowDefault", "default"],
    ["workflowRunTwice", "run-twice"],
    ["workflow_run_twice", "run-twice"],
    ["workflow", undefined],
    ["workflows", undefined],
    ["helper", undefined],
  ])("an export called %s is the workflow %s", (exported, name) => {
    expect(workflowName(exported)).toBe(name);
  });

  it("are described by the comments before them", () => {
    const text =
      "/** One. */\nexport async function workflowOne() {}\n/** A helper. */\nconst x = 1;\nexport function workflowTwo() {}\n";
    expect(workflowTexts(text)).toEqual(new Map([["workflowOne", "One."]]));
  });
});
