/** What all programs that are called mzimage share: the options before the command, help, and how wrong usage is answered. */
import { Command, type CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { commandExamples } from "./examples.ts";
import { collect } from "./options.ts";

/** What commander calls errors that are none. */
export const helpShown: readonly string[] = ["commander.help", "commander.helpDisplayed", "commander.version"];

export interface ProgramHooks {
  /** Gets the exit code of a command that has one of its own. */
  readonly exit: (code: number) => void;
  /** Told where the repository is, once that is known: errors name files relative to it. */
  readonly onRoot: (path: string) => void;
  /** Given what is to be done when the command is over, however it ends. */
  readonly atEnd?: (work: () => void) => void;
}

/** Without commands. */
export function baseProgram(terminal: Terminal): Command {
  const program = new Command("mzimage")
    .description("Builds, names and runs the images of a repository, with BuildKit.")
    .option("-C <dir>", "run as if started in <dir>; several are taken one from the other", collect)
    .option("--root <dir>", "the repository's root, instead of looking for it (MZ_ROOT)")
    .option("--debug", "show stack traces of errors")
    .version(`mzimage ${packageJson.version}`, "--version", "print the version")
    .enablePositionalOptions();
  return writingTo(terminal, program);
}

/** Errors are rendered in one place, by the entry point. */
export function writingTo({ stdout, stderr }: Terminal, program: Command): Command {
  return program.showHelpAfterError(false).configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: () => {},
  });
}

/** To be called when all commands are there. */
export function completeProgram(program: Command): void {
  for (const command of program.commands) {
    const examples = commandExamples[command.name()];
    if (examples !== undefined)
      command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`);
  }
  // Commander's own shows help of the whole for a command that there isn't.
  program
    .helpCommand(false)
    .command("help")
    .description("show the help of a command")
    .argument("[command]")
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((each) => each.name() === name);
      if (command === undefined) program.error(`error: unknown command '${name}'`);
      command.outputHelp();
    });
  explainUsage(program, program.name());
}

/** A wrong command line is answered with how that command's should look. `path` is the command's whole name. */
export function explainUsage(command: Command, path: string, messageOf: MessageOf = ownWords): void {
  command.exitOverride((error) => {
    if (helpShown.includes(error.code)) throw error;
    const option = /^error: unknown option '([^'=]+)/.exec(error.message)?.[1];
    const misplaced = command.commands.some(({ options }) => options.some(({ long }) => isMeant(option, long)));
    const usage = `usage: ${path} ${command.usage()}; ${path} --help says more`;
    throw new UsageError(
      messageOf(command, error),
      misplaced ? `it goes behind the command: ${path} COMMAND ${option}` : usage,
    );
  });
  for (const inner of command.commands) explainUsage(inner, `${path} ${inner.name()}`, messageOf);
}

/** Long options may be cut short. */
function isMeant(option: string | undefined, long: string | null | undefined): boolean {
  return option?.startsWith("--") === true && long?.startsWith(option) === true;
}

/** What is said of a wrong command line. */
export type MessageOf = (command: Command, error: CommanderError) => string;

const ownWords: MessageOf = (_command, { message }) => message.replace(/^error: /, "");
