/** The commands of mzimage that build. */
import { type Command, Option } from "commander";
import type { AcquireFlags, BuildFlags, GlobalOptions, PublishFlags, RunFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { collect, withBuild, withImages } from "./options.ts";

/** `exit` gets the exit code of a container. */
export function addBuilds(
  program: Command,
  terminal: Terminal,
  globals: () => GlobalOptions,
  exit: (code: number) => void,
): void {
  withAcquire(
    program.command("acquire").description("have images at hand: what a registry has is used, the rest is built"),
  )
    .option("--load", "load the images into Docker, under their specs")
    .option("--push", "push what was built, as ensure does")
    .action(async (images: readonly string[], flags: AcquireFlags) => {
      const { acquire } = await import("../command/acquire.ts");
      await acquire(terminal, globals(), flags, images);
    });

  withAcquire(program.command("ensure").description("have images in the registry: what it lacks is built and pushed"))
    .option("--load", "load the images into Docker, under their specs")
    .action(async (images: readonly string[], flags: AcquireFlags) => {
      const { ensure } = await import("../command/acquire.ts");
      await ensure(terminal, globals(), flags, images);
    });

  withImages(
    withBuild(
      program.command("publish").description("push images under their fingerprints, and version tags on top of them"),
    ),
  )
    .option("--to <registry>", "registry and path to publish to, several of them (default: the settings)", collect)
    .option("--tag-release [version]", "tag as a release, and as latest where it is the newest (BUILDKITE_TAG)")
    .option("--tag-main", "tag as unstable, and with version and commit")
    .option("--tag-pull-request", "tag with version and commit of a pull request")
    .option("--app-version <version>", "the version for --tag-main and --tag-pull-request (default: that of a crate)")
    .option("--tag <tag>", "a tag that never moves", collect)
    .option("--move-tag <tag>", "a tag that may name something else already", collect)
    .addOption(
      new Option("--descriptions <mode>", "READMEs for Docker Hub: say what would be sent, or send it").choices([
        "dry-run",
        "send",
      ]),
    )
    .option("--no-build", "fail where something has to be built")
    .option("--dry-run", "say what would be done")
    .option("--json", "print what became of each name")
    .action(async (images: readonly string[], flags: PublishFlags) => {
      const { publish } = await import("../command/publish.ts");
      await publish(terminal, globals(), flags, images);
    });

  withImages(withBuild(program.command("build").description("build images, with what they need that no registry has")))
    .option("-o, --output <spec>", "where the result goes, as in buildx: type=local,dest=DIR and others", collect)
    .action(async (images: readonly string[], flags: BuildFlags) => {
      const { build } = await import("../command/build.ts");
      await build(terminal, globals(), flags, images);
    });

  withBuild(program.command("run").description("build an image and run it"))
    .argument("<image>")
    .argument("[args...]", "handed to the container, all of them")
    .option("-e, --env <name=value>", "a variable for the container; a name alone for one of yours", collect)
    .option("-p, --publish <port>", "publish a port, as docker run does (where Docker is the engine)", collect)
    .option("-v, --volume <volume>", "a volume, as docker run takes it (where Docker is the engine)", collect)
    .passThroughOptions()
    .action(async (image: string, args: readonly string[], flags: RunFlags) => {
      const { run } = await import("../command/run.ts");
      exit(await run(terminal, globals(), flags, image, args));
    });
}

function withAcquire(command: Command): Command {
  return withImages(withBuild(command))
    .option(
      "-o, --output <spec>",
      "where one image goes besides, as in buildx: type=local,dest=DIR and others",
      collect,
    )
    .option("--cache-from <spec>", "a cache to use, as in buildx: type=registry,ref=… and others", collect)
    .option("--cache-to <spec>", "a cache to fill, as in buildx", collect)
    .option("--metadata-file <file>", "write what became of each image, as --json prints it")
    .option("--json", "print what became of each image");
}
