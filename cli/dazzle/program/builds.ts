/** The commands of mzdazzle that build, test and push. */
import type { Command } from "commander";
import { collect } from "../../program/options.ts";
import type { Terminal } from "../../terminal.ts";
import { type BuildCommandFlags, build } from "../command/build.ts";
import { type CombineCommandFlags, combine } from "../command/combine.ts";
import type { RebaseCommandFlags } from "../command/rebase.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import { told } from "./told.ts";
import { withTarget } from "./with-target.ts";

export function addBuilds(program: Command, terminal: Terminal, engineSide: LoadEngineSide): void {
  withPlaces(program.command("build").description("build, test and push the base and all chunks"))
    .option("--no-cache", "run every step, and build chunks that the registry has, too")
    .option("--plain-output", "show progress as lines: --progress=plain")
    .option("--chunked-without-hash", "name chunked images after chunk and variant, in repositories of their own")
    .option("--original-dockerfiles", "build Dockerfile even where a variant names another one, as dazzle does")
    .action(
      told(terminal, async (target: string, flags: BuildCommandFlags) => build(terminal, flags, target, engineSide)),
    );

  withPlaces(
    program.command("combine").description("put chunks that were built together, test and push the combinations"),
  )
    .option("--all", "all combinations of dazzle.yaml")
    .option("--combination <name>", "one of them")
    .option("--chunks <name=chunks>", "one that need not be there: NAME=CHUNK,CHUNK:VARIANT, in this order")
    .option("--build-ref <target>", "where base and chunks were built, if not in the same repository")
    .option("--pin <file>", "put the digests of combinations into a file that names them, as in FROM", collect)
    .option("--no-test", "push without running the chunks' tests in each combination")
    .option("--strict", "files that several chunks write are an error")
    .option("--plain-output", "show progress as lines: --progress=plain")
    .action(
      told(terminal, async (target: string, flags: CombineCommandFlags) =>
        combine(terminal, flags, target, engineSide),
      ),
    );

  withPlaces(
    program.command("rebase").description("put combinations on the base as it is now, without building a chunk"),
  )
    .option("--from <reference>", "the base that the chunks were built on (default: as the combinations say)")
    .option("--all", "all combinations of dazzle.yaml; so by default")
    .option("--combination <name>", "one of them")
    .option("--chunks <name=chunks>", "one that need not be there: NAME=CHUNK,CHUNK:VARIANT, in this order")
    .option("--no-test", "push without running the chunks' tests in each combination")
    .option("--strict", "files that several chunks write are an error")
    .option("--plain-output", "show progress as lines: --progress=plain")
    .action(
      told(terminal, async (target: string, flags: RebaseCommandFlags) =>
        (await engineSide()).rebase(terminal, flags, target, engineSide),
      ),
    );
}

/** Where images go, and how and where to build. */
function withPlaces(command: Command): Command {
  return withTarget(command)
    .option("--builder <name>", "the engine: a docker buildx builder")
    .option("--platform <list>", "linux/amd64, linux/arm64 (default: the engine's own)", collect)
    .option("--progress <mode>", "auto, tty, plain, rawjson or quiet", "auto")
    .option("--secret <spec>", "a secret for the build: id=ID[,src=FILE|,env=NAME]", collect)
    .option("--ssh <spec>", "an ssh agent for the build: default or ID[=SOCKET]", collect)
    .option("--build-context <name=source>", "replaces an image or adds a context: NAME=oci-layout://DIR …", collect)
    .option("--test-timeout <time>", "how long a test may take: 90s, 10m (default: 30m)")
    .option("--no-install", "never install packages into the system");
}
