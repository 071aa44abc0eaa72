// What README.md and docs/mzimage.md show is what happens: their commands are run, their files are those of examples/tour.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandLine, commandLine, tourRepository } from "./mzimage.ts";

const readme = readFileSync("README.md", "utf8");
const manual = readFileSync("docs/mzimage.md", "utf8");

let cli: CommandLine;
beforeAll(async () => {
  cli = await commandLine();
});
afterAll(() => cli[Symbol.dispose]());

/** Indented blocks, without their indentation. */
function blocksOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm)].map(([block]) => block.replace(/^ {4}/gm, "").trim());
}

/** Commands of a block with what they print: `$ mzimage …`, then lines up to the next command. */
function sessionsOf(text: string): readonly { readonly command: string; readonly output: string }[] {
  return blocksOf(text)
    .filter((block) => block.startsWith("$ "))
    .flatMap((block) => block.slice(2).split("\n$ "))
    .map((session) => {
      const [command = "", ...output] = session.split("\n");
      return { command, output: output.join("\n") };
    });
}

describe("README.md", () => {
  const files = blocksOf(readme);

  test.each([
    ["test/fancy/loadgen/mzbuild.yml", "name: fancy-loadgen"],
    ["test/fancy/loadgen/Dockerfile", "MZFROM billing-demo AS"],
    ["src/billing-demo/ci/mzbuild.yml", "name: billing-demo"],
  ])("shows %s as it is", (path, start) => {
    const block = files.find((text) => text.startsWith(start)) ?? "";
    const lines = readFileSync(`examples/tour/${path}`, "utf8").split("\n");
    for (const line of block.split("\n")) expect(lines).toContain(line);
  });

  test("begins with a command that works as it says", async () => {
    const { command = "", output = "" } = sessionsOf(readme)[0] ?? {};
    expect(command).toBe(/^bin\/mzimage -C examples\/tour run \S+/.exec(files[0] ?? "")?.[0]);
    using tour = tourRepository();
    const [, ...args] = command.split(" ");
    const { exitCode, stdout, stderr } = await cli.run(
      tour.root,
      args.map((arg) => (arg === "examples/tour" ? tour.root : arg)),
    );
    expect(exitCode, stderr).toBe(0);
    // Numbers differ from run to run.
    const shape = (text: string) => text.trim().replace(/[\d.]+/g, "N");
    expect(shape(stdout)).toBe(shape(output.split("\n").at(-1) ?? ""));
  });

  test("names commands that there are, and all of them", async () => {
    const shown = files.find((block) => block.startsWith("mzimage list")) ?? "";
    const names = new Set([...shown.matchAll(/^mzimage (\w+)/gm)].map(([, name = ""]) => name));
    const { stdout } = await cli.run(".", ["--help"]);
    const known = [...stdout.matchAll(/^ {2}(\w+) (?:\[|<| )/gm)].map(([, name = ""]) => name);
    const elsewhere = ["help", "completion", "man", "check"];
    expect([...names].sort()).toEqual(known.filter((name) => !elsewhere.includes(name)).sort());
  });
});

describe.skipIf(process.arch !== "x64")("docs/mzimage.md, whose fingerprints are those of x86_64", () => {
  const sessions = sessionsOf(manual).filter(({ command }) => command.startsWith("mzimage -C examples/tour"));

  test("has sessions", () => expect(sessions.length).toBeGreaterThan(3));

  test.each(sessions)("$command", async ({ command, output }) => {
    const { stdout } = await cli.run(".", command.split(" ").slice(1));
    expect(stdout.trim()).toBe(output);
  });

  test("has a heading for every command", async () => {
    const { stdout } = await cli.run(".", ["--help"]);
    for (const [, name = ""] of stdout.matchAll(/^ {2}(\w+) (?:\[options\]|<)/gm)) {
      if (name !== "help") expect(manual).toMatch(new RegExp(`^## .*\\b${name}\\b`, "m"));
    }
  });
});
