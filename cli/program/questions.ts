/** The commands of mzimage that only ask: none of them needs an engine, but `plan` where images have a registry. */
import type { Command } from "commander";
import type { GraphFlags } from "../command/graph.ts";
import type { PlanFlags } from "../command/plan.ts";
import type { WhyFlags } from "../command/why.ts";
import type { GlobalOptions, SelectionFlags, VariantFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { withBuild, withImages, withVariant } from "./options.ts";

type Flags = VariantFlags & SelectionFlags;

export function addQuestions(program: Command, terminal: Terminal, globals: () => GlobalOptions): void {
  withVariant(program.command("list").description("list the images, in order of their directories"))
    .option("--json", "one array, with what is known of each image")
    .action(async (flags: Flags) => {
      const { list } = await import("../command/list.ts");
      await list(terminal, globals(), flags);
    });

  question(program, "fingerprint", "print the fingerprints of images").action(
    async (images: readonly string[], flags: Flags) => {
      const { fingerprint } = await import("../command/fingerprint.ts");
      await fingerprint(terminal, globals(), flags, images);
    },
  );

  question(program, "spec", "print the names and tags of images in their registry").action(
    async (images: readonly string[], flags: Flags) => {
      const { spec } = await import("../command/fingerprint.ts");
      await spec(terminal, globals(), flags, images);
    },
  );

  question(program, "describe", "show the inputs and dependencies of images")
    .option("--transitive", "with those of all images that they depend on")
    .action(async (images: readonly string[], flags: Flags & { readonly transitive?: boolean }) => {
      const { describe } = await import("../command/describe.ts");
      await describe(terminal, globals(), flags, images);
    });

  withImages(
    withBuild(
      program.command("plan").description("say what would be reused and built, and why; all images by default"),
    ),
  )
    .option("--since <commit>", "only what has changed since; asks no registry")
    .option("--json", "the images, and the builds as levels for a CI system's matrix")
    .action(async (images: readonly string[], flags: PlanFlags) => {
      const { plan } = await import("../command/plan.ts");
      await plan(terminal, globals(), flags, images);
    });

  withImages(
    withBuild(program.command("graph").description("show how images depend on each other; all images by default")),
  )
    .option("--dot", "in Graphviz's language")
    .option("--html <file>", "as a page of its own, written to <file>")
    .option("--look-up", "with what the registry has, for which an engine is asked")
    .option("--json", "one array, an entry for each image")
    .action(async (images: readonly string[], flags: GraphFlags) => {
      const { graph } = await import("../command/graph.ts");
      await graph(terminal, globals(), flags, images);
    });

  withVariant(program.command("why").description("say which inputs make an image's fingerprint differ"))
    .argument("<image>")
    .requiredOption("--against <commit>", "from what it was in this commit")
    .option("--json", "one object")
    .action(async (image: string, flags: WhyFlags) => {
      const { why } = await import("../command/why.ts");
      await why(terminal, globals(), flags, image);
    });
}

function question(program: Command, name: string, description: string): Command {
  return withImages(withVariant(program.command(name).description(description))).option(
    "--json",
    "one array, an entry for each image",
  );
}
