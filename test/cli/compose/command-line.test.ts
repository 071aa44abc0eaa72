import { describe, expect, it, test } from "vitest";
import { parseComposeCommandLine } from "../../../cli/compose/command-line.ts";
import { firstPositional, namedServices } from "../../../cli/compose/compose-commands.ts";
import { wantsHelp } from "../../../cli/compose/pass-through.ts";

describe("the command line of mzcompose", () => {
  it("takes our options, and leaves Compose's to Compose, where they stood", () => {
    const words = "--find fancy --profile debug --preserve-ports --env-file=x --dev up -d --wait web";
    expect(parseComposeCommandLine(words.split(" "))).toEqual({
      options: { find: "fancy", preservePorts: true, dev: true },
      composeOptions: ["--profile", "debug", "--env-file=x"],
      command: "up",
      args: ["-d", "--wait", "web"],
    });
  });

  test.each([
    ["--find=fancy ps", { find: "fancy" }],
    ["--fin fancy ps", { find: "fancy" }],
    ["--saniti=address ps", { sanitizer: "address" }],
    ["-fa.yml -f b.yml ps", { file: ["a.yml", "b.yml"] }],
    ["-C a -C b ps", { C: ["a", "b"] }],
    ["-p name ps", { projectName: "name" }],
    ["--no-install --sanity-restart-mz ps", { install: false }],
    [
      "--mz-quiet --host-network --ignore-docker-version ps",
      { mzQuiet: true, hostNetwork: true, ignoreDockerVersion: true },
    ],
  ])("understands %s", (words, options) => {
    const line = parseComposeCommandLine(words.split(" "));
    expect(line).toEqual({ options, composeOptions: [], command: "ps", args: [] });
  });

  test.each([
    ["--version", "-v/--version option not supported"],
    ["-v", "-v/--version option not supported"],
    ["--pro x", "ambiguous option: --pro could be --project-name, --project-directory, --profile, --progress"],
    ["--find", "option --find needs a value"],
    ["--dev --release up", "option '--dev' cannot be used with option '--release'"],
    ["--dev=1 up", "option --dev takes no value"],
  ])("refuses %s", (words, message) => {
    expect(() => parseComposeCommandLine(words.split(" "))).toThrow(message);
  });
});

describe("what a command names", () => {
  test.each([
    ["run", "-d --name n -e A=1 web ls -l", "web"],
    ["run", "--rm -w /x --entrypoint sh web", "web"],
    ["run", "--env=A web", "web"],
    ["run", "-- -web", "-web"],
    ["run", "-d", undefined],
  ])("%s %s names %s first", (command, words, name) => {
    const args = words.split(" ");
    expect(args[firstPositional(command, args)]).toBe(name);
  });

  test.each([
    ["up", "-d --scale web=2 web db --timeout 3 cache", ["web", "db", "cache"]],
    ["up", "-d", []],
    ["exec", "-u root web ls", ["web"]],
    ["down", "--rmi all", []],
  ])("%s %s needs the services %j", (command, words, names) => {
    expect(namedServices(command, words.split(" "))).toEqual(names);
  });

  test.each([
    ["up", "-h", true],
    ["up", "web --help", true],
    ["exec", "web ls -h", false],
    ["exec", "-h web", true],
    ["run", "default --help", false],
  ])("%s %s asks for Compose's help: %s", (command, words, expected) => {
    expect(wantsHelp(command, words.split(" "))).toBe(expected);
  });
});
