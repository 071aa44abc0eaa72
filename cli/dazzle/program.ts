/** The command line of mzdazzle. What a command does is in `command/`. */
import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { explainUsage } from "../program/base.ts";
import { collect } from "../program/options.ts";
import type { Terminal } from "../terminal.ts";
import { argumentMessage, takeSurplusArguments } from "./arguments.ts";
import { type BuildCommandFlags, build } from "./command/build.ts";
import { type CombineCommandFlags, combine } from "./command/combine.ts";
import { completion } from "./command/completion.ts";
import { projectAddCombination, projectIgnore, projectInit } from "./command/project-edits.ts";
import {
  type ImageNameFlags,
  type ProjectListFlags,
  projectHash,
  projectImageName,
  projectList,
  projectManifest,
} from "./command/project-questions.ts";
import type { RebaseCommandFlags } from "./command/rebase.ts";
import type { TestAddFlags, TestRunFlags } from "./command/test.ts";
import type { LoadEngineSide } from "./engine-side.ts";
import type { DazzleGlobals } from "./options.ts";

/** The program; parsing runs the command. */
export function mzdazzleProgram(terminal: Terminal, engineSide: LoadEngineSide): Command {
  const program = new Command("mzdazzle")
    .description(
      "Builds images out of independent layers over one base, and combines them: dazzle projects, on BuildKit.",
    )
    .option("--context <dir>", "the project's directory (default: the current one)")
    .option("--addr <address>", "the engine: unix://, tcp://, ssh://, docker-container://… (BUILDKIT_HOST)")
    .option("-v, --verbose", "say more")
    .option("--debug", "show stack traces of errors")
    .version(`mzdazzle ${packageJson.version}`, "--version", "print the version")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Errors are rendered in one place, by the entry point.
      outputError: () => {},
    });
  withEngine(program.command("build").description("build, test and push the base and all chunks"))
    .argument("<target>", "the repository that images go to, in full: HOST/PATH")
    .option("--no-cache", "run every step, and build chunks that the registry has, too")
    .option("--plain-output", "show progress as lines: --progress=plain")
    .option("--chunked-without-hash", "name chunked images after chunk and variant, in repositories of their own")
    .option("--original-dockerfiles", "build Dockerfile even where a variant names another one, as dazzle does")
    .action(
      told(terminal, async (target: string, flags: BuildCommandFlags) => build(terminal, flags, target, engineSide)),
    );
  withEngine(
    program.command("combine").description("put chunks that were built together, test and push the combinations"),
  )
    .argument("<target>", "the repository that images go to, in full: HOST/PATH")
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
  withEngine(
    program.command("rebase").description("put combinations on the base as it is now, without building a chunk"),
  )
    .argument("<target>", "the repository that images go to, in full: HOST/PATH")
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
  addProject(program, terminal, engineSide);
  addTest(program, terminal, engineSide);
  program
    .command("completion")
    .description("print what a shell completes commands, options, chunks and combinations with")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", '\nFor instance, in ~/.bashrc: eval "$(mzdazzle completion bash)"')
    .action(told(terminal, async (shell: string) => completion(terminal, program, shell)));
  program
    .command("version")
    .description("print the version")
    .action(() => {
      terminal.stdout.write(`${packageJson.version}\n`);
    });
  takeSurplusArguments(program, terminal);
  explainUsage(program, program.name(), argumentMessage(terminal));
  return program;
}

/** How and where to build. */
function withEngine(command: Command): Command {
  return command
    .option("--builder <name>", "the engine: a docker buildx builder")
    .option("--platform <list>", "linux/amd64, linux/arm64 (default: the engine's own)", collect)
    .option("--progress <mode>", "auto, tty, plain, rawjson or quiet", "auto")
    .option("--secret <spec>", "a secret for the build: id=ID[,src=FILE|,env=NAME]", collect)
    .option("--ssh <spec>", "an ssh agent for the build: default or ID[=SOCKET]", collect)
    .option("--build-context <name=source>", "replaces an image or adds a context: NAME=oci-layout://DIR …", collect)
    .option("--test-timeout <time>", "how long a test may take: 90s, 10m (default: 30m)")
    .option("--no-install", "never install packages into the system");
}

function addProject(program: Command, terminal: Terminal, engineSide: LoadEngineSide): void {
  const project = program.command("project").description("describe, debug and configure a dazzle project");
  project
    .command("init")
    .description("start a project here, or a chunk of one")
    .argument("[chunk]")
    .action(
      told(terminal, async (chunk: string | undefined, flags: DazzleGlobals) => {
        projectInit(terminal, flags, chunk);
      }),
    );
  project
    .command("add-combination")
    .description("add a combination to dazzle.yaml")
    .argument("<name>")
    .argument("<chunks...>")
    .action(
      told(terminal, async (name: string, chunks: readonly string[], flags: DazzleGlobals) => {
        projectAddCombination(terminal, flags, name, chunks);
      }),
    );
  project
    .command("ignore")
    .description("add lines to the list of chunks that are left out")
    .argument("<lines...>")
    .action(
      told(terminal, async (lines: readonly string[], flags: DazzleGlobals) => {
        projectIgnore(terminal, flags, lines);
      }),
    );
  project
    .command("list")
    .description("print the names of all chunks, one a line")
    .option("--combinations", "those of combinations instead")
    .action(told(terminal, async (flags: ProjectListFlags) => projectList(terminal, flags, engineSide)));
  project
    .command("hash")
    .description("print hashes, tests included; of all chunks and the base by default")
    .argument("<target>", "the repository that images go to, in full: HOST/PATH")
    .argument("[chunks...]")
    .action(
      told(terminal, async (target: string, names: readonly string[], flags: DazzleGlobals) =>
        projectHash(terminal, flags, target, names, engineSide),
      ),
    );
  project
    .command("image-name")
    .description("print names of images; of all chunks and the base by default")
    .argument("<target>", "the repository that images go to, in full: HOST/PATH")
    .argument("[chunks...]")
    .option("-t, --type <type>", "chunked, full, chunked-wohash, test or test-result", "chunked")
    .option("--no-tests", "accepted, and without an effect, as with the original")
    .action(
      told(terminal, async (target: string, names: readonly string[], flags: ImageNameFlags) =>
        projectImageName(terminal, flags, target, names, engineSide),
      ),
    );
  project
    .command("manifest")
    .description("print the texts that hashes are made of")
    .argument("<target>", "the repository that images go to, in full: HOST/PATH")
    .argument("[chunks...]")
    .action(
      told(terminal, async (target: string, names: readonly string[], flags: DazzleGlobals) =>
        projectManifest(terminal, flags, target, names, engineSide),
      ),
    );
}

function addTest(program: Command, terminal: Terminal, engineSide: LoadEngineSide): void {
  const test = program.command("test").description("write tests, and try them on this machine");
  test
    .command("run")
    .description("run test files here, without a container")
    .argument("<files...>")
    .option("--output-test-xml <file>", "write the results as JUnit XML")
    .option("--test-timeout <time>", "how long a test may take: 90s, 10m (default: 30m)")
    .action(
      told(terminal, async (files: readonly string[], flags: TestRunFlags) =>
        (await engineSide()).testRun(terminal, flags, files),
      ),
    );
  test
    .command("add")
    .description("run a command here, ask what should be true of it, and add that as a test to a file")
    .argument("<file>")
    .option("-d, --description <text>", "what the test is about")
    .option("-c, --command <command>", 'the command, split at spaces, with " around what has some')
    .option("-u, --user <user>", "who runs it, by number or name")
    .option("-e, --env <name=value>", "a variable for it", collect)
    .option("--entrypoint <command>", "before the command; the test then has a terminal for its input")
    .action(
      told(terminal, async (file: string, flags: TestAddFlags) => (await engineSide()).testAdd(terminal, flags, file)),
    );
}

/**
 * A command's action, given its arguments and all options, those before the command too. As the original does, the message of
 * an error is also written where a script looks for the answer.
 */
function told<Args extends readonly unknown[], Flags>(
  { stdout }: Terminal,
  action: (...args: [...Args, Flags]) => Promise<void>,
): (...args: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1);
    if (!(command instanceof Command)) throw new TypeError("an action gets its command last");
    // What commander hands over is what the command's own declaration says.
    const args = [...given.slice(0, -2), command.optsWithGlobals()] as [...Args, Flags];
    try {
      await action(...args);
    } catch (error) {
      if (stdout.isTTY !== true && error instanceof Error) stdout.write(`${error.message}\n`);
      throw error;
    }
  };
}
