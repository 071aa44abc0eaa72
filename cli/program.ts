/**
 * The command line of mzimage: commands, their options and help. What a command does is in `command/`, loaded when it is
 * asked for: a `mzimage fingerprint` should not pay for the code of a build.
 */
import { Command, Option } from "commander";
import type { BuildFlags, GlobalOptions, VariantFlags } from "./option-values.ts";
import type { Terminal } from "./terminal.ts";

const profiles = ["--dev", "--optimized", "--release"] as const;

export interface ProgramHooks {
  /** Gets the exit code of a command that has one of its own. */
  readonly exit: (code: number) => void;
  /** Told where the repository is, once that is known: errors name files relative to it. */
  readonly onRoot: (path: string) => void;
}

/** The program; parsing runs the command. */
export function mzimageProgram(terminal: Terminal, { exit, onRoot }: ProgramHooks): Command {
  const program = new Command("mzimage")
    .description("Builds, names and runs the images of a repository, with BuildKit.")
    .option("-C <dir>", "run as if started in <dir>; several are taken one from the other", collect)
    .option("--root <dir>", "the repository's root, instead of looking for it (MZ_ROOT)")
    .option("--debug", "show stack traces of errors")
    .enablePositionalOptions()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Errors are rendered in one place, by the entry point.
      outputError: () => {},
    })
    .exitOverride();
  const globals = (): GlobalOptions => ({ ...program.opts<GlobalOptions>(), onRoot });

  withVariant(program.command("list").description("list the images, in order of their directories"))
    .option("--json", "one array, with what is known of each image")
    .action(async (options: VariantFlags & { readonly json?: boolean }) => {
      const { list } = await import("./command/list.ts");
      await list(terminal, globals(), options);
    });

  withVariant(program.command("fingerprint").description("print the fingerprint of an image"))
    .argument("<image>")
    .action(async (image: string, options: VariantFlags) => {
      const { fingerprint } = await import("./command/fingerprint.ts");
      await fingerprint(terminal, globals(), options, image);
    });

  withVariant(program.command("spec").description("print the name and tag of an image in its registry"))
    .argument("<image>")
    .action(async (image: string, options: VariantFlags) => {
      const { spec } = await import("./command/fingerprint.ts");
      await spec(terminal, globals(), options, image);
    });

  withVariant(program.command("describe").description("show the inputs and dependencies of an image"))
    .argument("<image>")
    .option("--transitive", "with those of all images that it depends on")
    .action(async (image: string, options: VariantFlags & { readonly transitive?: boolean }) => {
      const { describe } = await import("./command/describe.ts");
      await describe(terminal, globals(), options, image);
    });

  withBuild(program.command("build").description("build images, and what they depend on where no registry has it"))
    .argument("<images...>")
    .option("-o, --output <spec>", "where the result goes, as in buildx: type=local,dest=DIR and others", collect)
    .action(async (images: readonly string[], options: BuildFlags) => {
      const { build } = await import("./command/build.ts");
      await build(terminal, globals(), options, images);
    });

  withBuild(program.command("run").description("build an image and run it"))
    .argument("<image>")
    .argument("[args...]", "handed to the container, all of them")
    .passThroughOptions()
    .action(async (image: string, args: readonly string[], options: BuildFlags) => {
      const { run } = await import("./command/run.ts");
      exit(await run(terminal, globals(), options, image, args));
    });

  const engine = program.command("engine").description("the BuildKit engine that mzimage provides where there is none");
  for (const [name, description] of [
    ["status", "say whether it runs, where, and what it keeps"],
    ["start", "start it, setting it up if need be"],
    ["stop", "stop it; what it has cached stays"],
    ["log", "print its log"],
  ] as const) {
    engine
      .command(name)
      .description(description)
      .option("--no-install", "never install packages into the system")
      .action(async (options: { readonly install?: boolean }) => {
        const { engineCommand } = await import("./command/engine.ts");
        exit(await engineCommand(terminal, name, options));
      });
  }
  return program;
}

function withVariant(command: Command): Command {
  for (const profile of profiles) {
    const others = profiles.filter((other) => other !== profile).map((other) => other.slice(2));
    command.addOption(new Option(profile, `build the ${profile.slice(2)} profile`).conflicts(others));
  }
  return command
    .option("--coverage", "instrument for coverage (CI_COVERAGE_ENABLED)")
    .option("--sanitizer <name>", "build with a sanitizer (CI_SANITIZER)")
    .option("--arch <arch>", "x86_64 or aarch64 (default: this machine's)")
    .option("--image-registry <name>", "registry and path of the images' names")
    .option("--image-prefix <text>", "put before each image's name");
}

function withBuild(command: Command): Command {
  return withVariant(command)
    .option("--buildkit <address>", "the engine: unix://, tcp://, ssh://, docker-container://… (BUILDKIT_HOST)")
    .option("--builder <name>", "the engine: a docker buildx builder")
    .option("--platform <list>", "linux/amd64, linux/arm64 (default: --arch)", collect)
    .option("--progress <mode>", "auto, tty, plain, rawjson or quiet", "auto")
    .option("--secret <spec>", "a secret for the build: id=ID[,src=FILE|,env=NAME]", collect)
    .option("--ssh <spec>", "an ssh agent for the build: default or ID[=SOCKET]", collect)
    .option("--build-context <name=source>", "replaces an image or adds a context: NAME=oci-layout://DIR …", collect)
    .option("--no-install", "never install packages into the system");
}

function collect(value: string, known: readonly string[] = []): readonly string[] {
  return [...known, value];
}
