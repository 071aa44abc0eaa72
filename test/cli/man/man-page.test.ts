import { spawnSync } from "node:child_process";
import { describe, expect, it, test } from "vitest";
import { composeManual } from "../../../cli/compose/man.ts";
import { mzdazzleProgram } from "../../../cli/dazzle/program.ts";
import { manPage } from "../../../cli/man/man-page.ts";
import { mzimageProgram } from "../../../cli/program.ts";
import { runProgram } from "../../../cli/run-program.ts";
import { testTerminal } from "../test-terminal.ts";

const pages = {
  mzimage: async () => {
    const { terminal, stdout } = testTerminal("/", { SOURCE_DATE_EPOCH: "86400" });
    await runProgram(terminal, ["man"], mzimageProgram);
    return stdout();
  },
  mzdazzle: async () => {
    const { terminal, stdout } = testTerminal();
    await runProgram(terminal, ["man"], (own) => mzdazzleProgram(own, () => Promise.reject(new Error("not asked"))));
    return stdout();
  },
  mzcompose: async () => {
    const { terminal, stdout } = testTerminal();
    composeManual(terminal);
    return stdout();
  },
};

test("a manual page has commands with their options and examples; what several have is explained once", async () => {
  const page = await pages.mzimage();
  expect(page).toContain('.TH MZIMAGE 1 1970\\-01\\-02 "mzbuild '.replaceAll("\\-", "-"));
  expect(page).toContain(".SS mzimage publish [options] [images...]\n");
  expect(page).toContain(".TP\n\\fB\\-o, \\-\\-output \\fIspec\\fB\\fR\n");
  expect(page).toContain(".SS mzimage engine status [options]\n");
  expect(page).toContain("    mzimage plan \\-\\-since origin/main \\-\\-json | jq .levels\n");
  expect(page.match(/^\.TP\n\\fB\\-\\-sanitizer /gm)).toHaveLength(1);
});

it("takes no text for a request, and no backslash for an escape", () => {
  const page = manPage({
    program: "p",
    version: "1",
    date: "2026-01-01",
    description: "d",
    synopsis: "s",
    options: [{ flags: "--x", text: `'a \\b ${"long ".repeat(13)}. end` }],
    commands: [],
  });
  expect(page).toContain("\n\\&'a \\eb long");
  expect(page).toContain("\n\\&. end.\n");
});

const there = (program: string): boolean => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

describe.each(Object.entries(pages))("the page of %s", (_, write) => {
  it.runIf(there("groff"))("is read by groff without a warning", async () => {
    const { status, stderr } = spawnSync("groff", ["-man", "-ww", "-z", "-k"], {
      input: await write(),
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it.runIf(there("mandoc"))("is read by mandoc without a warning", async () => {
    const { status, stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning"], {
      input: await write(),
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, ""]);
  });
});
