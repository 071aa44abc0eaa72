/**
 * Abbreviated long options, as Python's argparse takes them and scripts use them: `--san=address` is `--sanitizer=address`.
 * docs/format.md, "The mzimage command". Pure: a table of options and arguments in, arguments out.
 */
import { UsageError } from "./usage-error.ts";

export interface OptionTable {
  /** Long ones with their dashes, and whether a value follows as an argument of its own. */
  readonly options: readonly { readonly long: string; readonly takesValue: boolean }[];
  /** Short options that a value follows: `-C`. */
  readonly shortWithValue: readonly string[];
  readonly commands: ReadonlyMap<string, OptionTable>;
  /** How many arguments come before the rest is somebody else's; undefined where there is no such rest. */
  readonly ownArguments?: number | undefined;
}

/**
 * The arguments with every unambiguous beginning of an option's name made whole; what is unknown stays for the parser to
 * complain about. Throws `UsageError` for a beginning of several.
 */
export function expandOptions(table: OptionTable, args: readonly string[]): readonly string[] {
  const out: string[] = [];
  let own = 0;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") return [...out, ...args.slice(index)];
    if (!arg.startsWith("-") || arg === "-") {
      out.push(arg);
      const command = table.commands.get(arg);
      if (command !== undefined) return [...out, ...expandOptions(command, args.slice(index + 1))];
      own += 1;
      if (own === table.ownArguments) return [...out, ...args.slice(index + 1)];
      continue;
    }
    const option = arg.startsWith("--") ? expand(table, arg) : { text: arg, takesValue: isShort(table, arg) };
    out.push(option.text);
    const value = args[index + 1];
    if (option.takesValue && value !== undefined) {
      out.push(value);
      index += 1;
    }
  }
  return out;
}

function isShort({ shortWithValue }: OptionTable, arg: string): boolean {
  return shortWithValue.includes(arg);
}

function expand({ options }: OptionTable, arg: string): { readonly text: string; readonly takesValue: boolean } {
  const equals = arg.indexOf("=");
  const name = equals === -1 ? arg : arg.slice(0, equals);
  const value = equals === -1 ? "" : arg.slice(equals);
  const exact = options.filter(({ long }) => long === name);
  const found = exact.length > 0 ? exact : options.filter(({ long }) => long.startsWith(name));
  const [option, another] = found;
  if (option === undefined) return { text: arg, takesValue: false };
  if (another !== undefined) {
    const candidates = found.map(({ long }) => long).join(", ");
    throw new UsageError(`ambiguous option: ${name} could be ${candidates}`, "write more of the option's name");
  }
  return { text: option.long + value, takesValue: option.takesValue && equals === -1 };
}
