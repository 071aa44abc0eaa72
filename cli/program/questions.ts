/** The commands of mzimage that only ask the repository: none of them needs an engine. */
import type { Command } from "commander";
import type { describe } from "../command/describe.ts";
import type { fingerprint, spec } from "../command/fingerprint.ts";
import type { list } from "../command/list.ts";
import type { GlobalOptions, SelectionFlags, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { withImages, withVariant } from "./options.ts";

type Flags = VariantFlags & SelectionFlags;

/** What they do: loaded with the program, or when one is asked for. */
export interface QuestionCommands {
  readonly list: typeof list;
  readonly fingerprint: typeof fingerprint;
  readonly spec: typeof spec;
  readonly describe: typeof describe;
}

export function addQuestions(
  program: Command,
  terminal: Terminal,
  globals: () => GlobalOptions,
  commands: QuestionCommands,
): void {
  withVariant(program.command("list").description("list the images, in order of their directories"))
    .option("--json", "one array, with what is known of each image")
    .action(async (flags: Flags) => {
      await commands.list(terminal, globals(), flags);
    });

  question(program, "fingerprint", "print the fingerprints of images").action(
    async (images: readonly string[], flags: Flags) => {
      await commands.fingerprint(terminal, globals(), flags, images);
    },
  );

  question(program, "spec", "print the names and tags of images in their registry").action(
    async (images: readonly string[], flags: Flags) => {
      await commands.spec(terminal, globals(), flags, images);
    },
  );

  question(program, "describe", "show the inputs and dependencies of images")
    .option("--transitive", "with those of all images that they depend on")
    .action(async (images: readonly string[], flags: Flags & { readonly transitive?: boolean }) => {
      await commands.describe(terminal, globals(), flags, images);
    });
}

function question(program: Command, name: string, description: string): Command {
  return withImages(withVariant(program.command(name).description(description))).option(
    "--json",
    "one array, an entry for each image",
  );
}
