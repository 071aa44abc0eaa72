/**
 * The command line of mzimage: commands, their options and help. What a command does is in `command/`, loaded when it is
 * asked for: a `mzimage fingerprint` should not pay for the code of a build.
 */
import { Command } from "commander";
import type { GlobalOptions } from "./option-values.ts";
import { addBuilds } from "./program/builds.ts";
import { commandExamples } from "./program/examples.ts";
import { collect } from "./program/options.ts";
import { addQuestions } from "./program/questions.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

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

/** The program; parsing runs the command. */
export function mzimageProgram(terminal: Terminal, { exit, ...hooks }: ProgramHooks): Command {
  const program = new Command("mzimage")
    .description("Builds, names and runs the images of a repository, with BuildKit.")
    .option("-C <dir>", "run as if started in <dir>; several are taken one from the other", collect)
    .option("--root <dir>", "the repository's root, instead of looking for it (MZ_ROOT)")
    .option("--debug", "show stack traces of errors")
    .enablePositionalOptions()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Errors are rendered in one place, by the entry point.
      outputError: () => {},
    });
  const globals = (): GlobalOptions => ({ ...program.opts<GlobalOptions>(), ...hooks });

  addQuestions(program, terminal, globals);
  addBuilds(program, terminal, globals, exit);

  const engine = program.command("engine").description("the BuildKit engine that mzimage provides where there is none");
  for (const [name, description] of [
    ["status", "say whether it runs, where, and what it keeps"],
    ["start", "start it, setting it up if need be"],
    ["stop", "stop it; what it has cached stays"],
    ["log", "print its log"],
  ] as const) {
    engine
      .command(name)
      .description(description)
      .option("--no-install", "never install packages into the system")
      .action(async (options: { readonly install?: boolean }) => {
        const { engineCommand } = await import("./command/engine.ts");
        exit(await engineCommand(terminal, name, options));
      });
  }
  program
    .command("completion")
    .description("print what a shell completes commands, options and images with")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", '\nFor instance, in ~/.bashrc: eval "$(mzimage completion bash)"')
    .action(async (shell: string) => {
      const { completion } = await import("./command/completion.ts");
      completion(terminal, program, shell);
    });
  for (const command of program.commands) {
    const examples = commandExamples[command.name()];
    if (examples !== undefined)
      command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`);
  }
  explainUsage(program, program.name());
  return program;
}

/** A wrong command line is answered with how that command's should look. `path` is the command's whole name. */
function explainUsage(command: Command, path: string): void {
  command.exitOverride((error) => {
    if (helpShown.includes(error.code)) throw error;
    const option = /^error: unknown option '([^'=]+)/.exec(error.message)?.[1];
    const misplaced = command.commands.some(({ options }) => options.some(({ long }) => long === option));
    const usage = `usage: ${path} ${command.usage()}; ${path} --help says more`;
    throw new UsageError(
      error.message.replace(/^error: /, ""),
      misplaced ? `it goes behind the command: ${path} COMMAND ${option}` : usage,
    );
  });
  for (const inner of command.commands) explainUsage(inner, `${path} ${inner.name()}`);
}
