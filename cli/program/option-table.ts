/** The options of a program, as `expandOptions` wants to know them. */
import type { Command } from "commander";
import type { OptionTable } from "../expand-options.ts";

/** `passing` are commands after whose first argument everything belongs to somebody else. */
export function optionTable(program: Command, passing: readonly string[]): OptionTable {
  return {
    options: [
      ...program.options.flatMap(({ long, required, optional }) =>
        long === undefined || long === null ? [] : [{ long, takesValue: required || optional }],
      ),
      { long: "--help", takesValue: false },
    ],
    shortWithValue: program.options.flatMap(({ short, required }) => (short && required ? [short] : [])),
    commands: new Map(program.commands.map((command) => [command.name(), optionTable(command, passing)])),
    ownArguments: passing.includes(program.name()) ? 1 : undefined,
  };
}
