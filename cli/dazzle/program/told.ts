/** How a command ends that has thrown, as the original does it. */
import { Command } from "commander";
import type { Terminal } from "../../terminal.ts";

/**
 * A command's action, given its arguments and all options, those before the command too. As the original does, the message of
 * an error is also written where a script looks for the answer.
 */
export function told<Args extends readonly unknown[], Flags>(
  { stdout }: Terminal,
  action: (...args: [...Args, Flags]) => Promise<void>,
): (...args: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1);
    if (!(command instanceof Command)) throw new TypeError("an action gets its command last");
    // What commander hands over is what the command's own declaration says.
    const args = [...given.slice(0, -2), command.optsWithGlobals()] as [...Args, Flags];
    try {
      await action(...args);
    } catch (error) {
      if (stdout.isTTY !== true && error instanceof Error) stdout.write(`${error.message}\n`);
      throw error;
    }
  };
}
