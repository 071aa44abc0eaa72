/**
 * The command line of mzimage: commands, their options and help. What a command does is in `command/`, loaded when it is
 * asked for: a `mzimage fingerprint` should not pay for the code of a build.
 */
import type { Command } from "commander";
import type { GlobalOptions } from "./option-values.ts";
import { baseProgram, completeProgram, type ProgramHooks } from "./program/base.ts";
import { addBuilds } from "./program/builds.ts";
import { commandExamples } from "./program/examples.ts";
import { addOutlooks } from "./program/outlooks.ts";
import { addQuestions, type QuestionCommands } from "./program/questions.ts";
import type { Terminal } from "./terminal.ts";

/** The program; parsing runs the command. */
export function mzimageProgram(terminal: Terminal, { exit, ...hooks }: ProgramHooks): Command {
  const program = baseProgram(terminal);
  const globals = (): GlobalOptions => ({ ...program.opts<GlobalOptions>(), ...hooks });

  addQuestions(program, terminal, globals, loadedLate);
  addOutlooks(program, terminal, globals, exit);
  addBuilds(program, terminal, globals, exit);

  const engine = program.command("engine").description("the BuildKit engine that mzimage provides where there is none");
  for (const [name, description] of [
    ["status", "say whether it runs, where, and what it keeps"],
    ["start", "start it, setting it up if need be"],
    ["stop", "stop it; what it has cached stays"],
    ["log", "print its log"],
  ] as const) {
    const verb = engine.command(name).description(description);
    if (name === "start") verb.option("--no-install", "never install packages into the system");
    if (name === "status") verb.option("--json", "one object");
    verb.action(async (options: { readonly install?: boolean; readonly json?: boolean }) => {
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
  program
    .command("man")
    .description("print the manual page, in the language of man(1)")
    .addHelpText("after", "\nFor instance: mzimage man | man -l -")
    .action(async () => {
      const { printManual } = await import("./man/program-page.ts");
      printManual(terminal, program, commandExamples);
    });
  completeProgram(program);
  return program;
}

const loadedLate: QuestionCommands = {
  list: async (...args) => (await import("./command/list.ts")).list(...args),
  fingerprint: async (...args) => (await import("./command/fingerprint.ts")).fingerprint(...args),
  spec: async (...args) => (await import("./command/fingerprint.ts")).spec(...args),
  describe: async (...args) => (await import("./command/describe.ts")).describe(...args),
};
