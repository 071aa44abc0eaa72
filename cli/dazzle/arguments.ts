/** Arguments that are missing or too many, as the original takes them. */
import type { Command, CommanderError } from "commander";
import type { Terminal } from "../terminal.ts";

/** Those that a command has no use for are left out, aloud: scripts may pass some. To be called when all commands are there. */
export function takeSurplusArguments(program: Command, { stderr }: Terminal): void {
  const commands = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(commands)];
  for (const command of commands(program)) {
    const { registeredArguments } = command;
    if (command.commands.length > 0 || registeredArguments.some(({ variadic }) => variadic)) continue;
    command.allowExcessArguments().hook("preAction", () => {
      const surplus = command.args.slice(registeredArguments.length);
      if (surplus.length > 0) stderr.write(`warning: ${command.name()} has no use for: ${surplus.join(" ")}\n`);
    });
  }
}

/** What is said of a wrong command line: also written where a script looks for the answer, as other messages are. */
export function argumentMessage({ stdout }: Terminal): (command: Command, error: CommanderError) => string {
  return (command, { code, message }) => {
    const required = command.registeredArguments.filter((argument) => argument.required).length;
    const words =
      code === "commander.missingArgument"
        ? `requires at least ${required} arg(s), only received ${command.args.length}`
        : message.replace(/^error: /, "");
    if (stdout.isTTY !== true) stdout.write(`${words}\n`);
    return words;
  };
}
