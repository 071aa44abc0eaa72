/** The command line of mzdazzle. What a command does is in `command/`. */
import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { explainUsage, writingTo } from "../program/base.ts";
import type { Terminal } from "../terminal.ts";
import { argumentMessage, takeSurplusArguments } from "./arguments.ts";
import { completion } from "./command/completion.ts";
import type { LoadEngineSide } from "./engine-side.ts";
import { addBuilds } from "./program/builds.ts";
import { addProject } from "./program/project.ts";
import { addTest } from "./program/test.ts";
import { told } from "./program/told.ts";

/** The program; parsing runs the command. */
export function mzdazzleProgram(terminal: Terminal, engineSide: LoadEngineSide): Command {
  const program = new Command("mzdazzle")
    .description(
      "Builds images out of independent layers over one base, and combines them: dazzle projects, on BuildKit.",
    )
    .option("--context <dir>", "the project's directory (default: the current one)")
    .option("--addr <address>", "the engine: unix://, tcp://, ssh://, docker-container://… (BUILDKIT_HOST)")
    .option("-v, --verbose", "say more")
    .option("--debug", "show stack traces of errors")
    .version(`mzdazzle ${packageJson.version}`, "--version", "print the version")
    .configureHelp({ showGlobalOptions: true });
  writingTo(terminal, program);
  addBuilds(program, terminal, engineSide);
  addProject(program, terminal, engineSide);
  addTest(program, terminal, engineSide);
  program
    .command("completion")
    .description("print what a shell completes commands, options, chunks and combinations with")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", '\nFor instance, in ~/.bashrc: eval "$(mzdazzle completion bash)"')
    .action(told(terminal, async (shell: string) => completion(terminal, program, shell)));
  program
    .command("man")
    .description("print the manual page, in the language of man(1)")
    .action(
      told(terminal, async () => {
        const { printManual } = await import("../man/program-page.ts");
        printManual(terminal, program);
      }),
    );
  program
    .command("version")
    .description("print the version")
    .action(() => {
      terminal.stdout.write(`${packageJson.version}\n`);
    });
  takeSurplusArguments(program, terminal);
  explainUsage(program, program.name(), argumentMessage(terminal));
  return program;
}
