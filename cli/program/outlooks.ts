/** The commands of mzimage that say what a build would do: an engine is needed only where a registry has to be asked. */
import { type Command, Option } from "commander";
import type { GraphFlags } from "../command/graph.ts";
import type { PlanFlags } from "../command/plan.ts";
import type { WhyFlags } from "../command/why.ts";
import type { GlobalOptions, SelectionFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { withEngine, withImages, withVariant } from "./options.ts";

export function addOutlooks(
  program: Command,
  terminal: Terminal,
  globals: () => GlobalOptions,
  exit: (code: number) => void,
): void {
  withImages(
    withEngine(
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
    withEngine(program.command("graph").description("show how images depend on each other; all images by default")),
  )
    .addOption(new Option("--dot", "in Graphviz's language").conflicts("json"))
    .option("--html <file>", "as a page of its own, written to <file>")
    .option("--look-up", "with what the registry has, for which an engine is asked")
    .option("--json", "one array, an entry for each image")
    .action(async (images: readonly string[], flags: GraphFlags) => {
      const { graph } = await import("../command/graph.ts");
      await graph(terminal, globals(), flags, images);
    });

  withVariant(program.command("why").description("say which inputs make an image's fingerprint differ"))
    .argument("<image>")
    .requiredOption("--against <what>", "from what it was in a commit, or from a fingerprint, here or in the registry")
    .option("--json", "one object")
    .action(async (image: string, flags: WhyFlags) => {
      const { why } = await import("../command/why.ts");
      await why(terminal, globals(), flags, image);
    });

  withImages(
    program.command("check").description("report every mistake in the Dockerfiles of images; all images by default"),
  )
    .option("--json", "one array, an entry for each mistake and warning")
    .action(async (images: readonly string[], flags: SelectionFlags) => {
      const { check } = await import("../command/check.ts");
      exit(await check(terminal, globals(), flags, images));
    });
}
