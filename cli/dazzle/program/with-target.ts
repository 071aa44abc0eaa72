/** What most commands of mzdazzle are about. */
import type { Command } from "commander";

export function withTarget(command: Command): Command {
  return command.argument("<target>", "the repository that images go to, in full: HOST/PATH");
}
