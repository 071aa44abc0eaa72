/** The manual page of a program from the very commands and options that its help is made of. */
import type { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import type { Terminal } from "../terminal.ts";
import { type ManCommand, type ManOption, type ManPage, manPage } from "./man-page.ts";

/** Prints it. `examples` by command. Dated today, or as `SOURCE_DATE_EPOCH` says. */
export function printManual(
  terminal: Terminal,
  program: Command,
  examples?: Readonly<Record<string, readonly string[]>>,
): void {
  terminal.stdout.write(manPage(programPage(terminal, program, examples)));
}

function programPage(
  { now, env }: Pick<Terminal, "now" | "env">,
  program: Command,
  examples: Readonly<Record<string, readonly string[]>> = {},
): ManPage {
  return {
    ...manDating({ now, env }),
    program: program.name(),
    description: program.description(),
    synopsis: program.usage(),
    options: optionsOf(program),
    commands: program.commands.flatMap((command) => commandsOf(command, "", examples)),
    sections: [
      ["EXIT STATUS", "0 for success, 1 for failure, 2 for a wrong command line, 130 after Ctrl-C.", SEE_EXIT_CODES],
    ],
  };
}

export function manDating({ now, env }: Pick<Terminal, "now" | "env">): Pick<ManPage, "version" | "date"> {
  const seconds = Number(env["SOURCE_DATE_EPOCH"] || Math.floor(now() / 1000));
  return { version: packageJson.version, date: new Date(seconds * 1000).toISOString().slice(0, 10) };
}

/** Of all programs. */
export const SEE_EXIT_CODES = "docs/exit-codes.md in mzbuild's repository has them all.";

/** A command, or what is below it. */
function commandsOf(
  command: Command,
  parents: string,
  examples: Readonly<Record<string, readonly string[]>>,
): readonly ManCommand[] {
  const name = `${parents}${command.name()}`;
  if (command.commands.length > 0) return command.commands.flatMap((inner) => commandsOf(inner, `${name} `, examples));
  const usage = `${name} ${command.usage()}`.trim();
  return [{ usage, text: command.description(), options: optionsOf(command), examples: examples[name] ?? [] }];
}

function optionsOf(command: Command): readonly ManOption[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ flags, description, long }) => (long === "--help" ? [] : [{ flags, text: description }]));
}
