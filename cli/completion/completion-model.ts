/** What shells complete of a program: its commands and their options. */
import type { Command } from "commander";

export interface CompletionModel {
  readonly program: string;
  /** The command that lists what may come after commands that take names. Default: `list`. */
  readonly listing?: string;
  /** What these are called. Default: `image`. */
  readonly names?: string;
  /** Options before the command that the listing needs as well, each with a value. Default: {@link SELECTING}. */
  readonly selecting?: readonly string[];
  readonly options: readonly CompletionOption[];
  readonly commands: readonly CompletionCommand[];
}

export interface CompletionCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletionOption[];
  /** Words that may come after it. */
  readonly words: readonly string[];
  readonly takesImages: boolean;
}

export interface CompletionOption {
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** The command that lists its values; others are files. */
  readonly listing?: string;
}

/** Options that say which repository is meant. */
export const SELECTING: readonly string[] = ["-C", "--root"];

/** Every option before the command that a value follows. */
export function valuedOptions({ options, selecting = SELECTING }: CompletionModel): readonly string[] {
  const long = options.filter(({ takesValue }) => takesValue).map((option) => option.long);
  return [...new Set([...selecting, ...long])];
}

/** `words` are, by command, those that it takes besides images and sub-commands. */
export function completionModel(
  program: Command,
  words: Readonly<Record<string, readonly string[]>> = {},
): CompletionModel {
  return {
    program: program.name(),
    options: optionsOf(program),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options: optionsOf(command),
      words: [...command.commands.map((child) => child.name()), ...(words[command.name()] ?? [])],
      takesImages: command.registeredArguments.some((argument) => /^images?$/.test(argument.name())),
    })),
  };
}

function optionsOf(command: Command): readonly CompletionOption[] {
  return command.options.flatMap(({ long, description, required }) =>
    long ? [{ long, description, takesValue: required }] : [],
  );
}
