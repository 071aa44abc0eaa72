/** Options that several commands of mzimage have. */
import { type Command, Option } from "commander";

const PROFILES = ["--dev", "--optimized", "--release"] as const;

/** What is built of an image, and what it is called. */
export function withVariant(command: Command): Command {
  for (const profile of PROFILES) {
    const others = PROFILES.filter((other) => other !== profile).map((other) => other.slice(2));
    command.addOption(new Option(profile, `build the ${profile.slice(2)} profile`).conflicts(others));
  }
  return command
    .option("--coverage", "instrument for coverage (CI_COVERAGE_ENABLED)")
    .option("--sanitizer <name>", "build with a sanitizer (CI_SANITIZER)")
    .option("--arch <arch>", "x86_64 or aarch64 (default: this machine's)")
    .option("--image-registry <name>", "registry and path of the images' names")
    .option("--image-prefix <text>", "put before each image's name");
}

/** Which engine is asked, for what. */
export function withEngine(command: Command): Command {
  return withVariant(command)
    .option("--buildkit <address>", "the engine: unix://, tcp://, ssh://, docker-container://… (BUILDKIT_HOST)")
    .option("--builder <name>", "the engine: a docker buildx builder")
    .option("--platform <list>", "linux/amd64, linux/arm64 (default: --arch)", collect)
    .option("--progress <mode>", "auto, tty, plain, rawjson or quiet", "auto")
    .option("--no-install", "never install packages into the system");
}

/** How and where to build. */
export function withBuild(command: Command): Command {
  return withEngine(command)
    .option("--secret <spec>", "a secret for the build: id=ID[,src=FILE|,env=NAME]", collect)
    .option("--ssh <spec>", "an ssh agent for the build: default or ID[=SOCKET]", collect)
    .option("--build-context <name=source>", "replaces an image or adds a context: NAME=oci-layout://DIR …", collect)
    .option("--build-arg <name=value>", "a build argument for all Dockerfiles", collect)
    .option("--attest <spec>", "attestations of what is exported: type=provenance,mode=max, type=sbom", collect)
    .option("--cargo-builder <image>", "what Cargo runs in, where the settings don't say (MZ_CARGO_BUILDER)");
}

/** For options that may be given again and again. */
export function collect(value: string, known: readonly string[] = []): readonly string[] {
  return [...known, value];
}

/** Which images, for commands that take several. */
export function withImages(command: Command): Command {
  return command.argument("[images...]", "names, or patterns such as 'billing-*'").option("--all", "all images");
}
