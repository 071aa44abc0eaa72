/** `mzdazzle project` and its commands. */
import type { Command } from "commander";
import type { Terminal } from "../../terminal.ts";
import { projectAddCombination, projectIgnore, projectInit } from "../command/project-edits.ts";
import {
  type ImageNameFlags,
  type ProjectListFlags,
  projectHash,
  projectImageName,
  projectList,
  projectManifest,
} from "../command/project-questions.ts";
import type { LoadEngineSide } from "../engine-side.ts";
import type { DazzleGlobals } from "../options.ts";
import { told } from "./told.ts";
import { withTarget } from "./with-target.ts";

export function addProject(program: Command, terminal: Terminal, engineSide: LoadEngineSide): void {
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
  aboutChunks(
    project.command("hash").description("print hashes, tests included; of all chunks and the base by default"),
  ).action(
    told(terminal, async (target: string, names: readonly string[], globals: DazzleGlobals) =>
      projectHash({ terminal, globals, target, names, engineSide }),
    ),
  );
  aboutChunks(project.command("image-name").description("print names of images; of all chunks and the base by default"))
    .option("-t, --type <type>", "chunked, full, chunked-wohash, test or test-result", "chunked")
    .option("--no-tests", "accepted, and without an effect, as with the original")
    .action(
      told(terminal, async (target: string, names: readonly string[], flags: ImageNameFlags) =>
        projectImageName({ terminal, globals: flags, target, names, engineSide }, flags.type),
      ),
    );
  aboutChunks(project.command("manifest").description("print the texts that hashes are made of")).action(
    told(terminal, async (target: string, names: readonly string[], globals: DazzleGlobals) =>
      projectManifest({ terminal, globals, target, names, engineSide }),
    ),
  );
}

/** The chunks are those of the target. */
function aboutChunks(command: Command): Command {
  return withTarget(command).argument("[chunks...]");
}
