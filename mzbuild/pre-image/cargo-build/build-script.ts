/**
 * Compiles, without network, and puts programs and what build scripts left behind where images take them from:
 *
 *     OUT/stripped/NAME, OUT/full/NAME           programs; `examples/NAME` for examples
 *     OUT/extract/NUMBER/…                       the files of one `extract` of one image
 */
import { type Compilation, compilationScript } from "./compilation-script.ts";
import { DEPENDENCIES, TARGET, WORK } from "./layout.ts";
import { shellCommand, shellWord } from "./shell.ts";
import { takeOutputsScript } from "./take-outputs-script.ts";

export interface Build extends Compilation {
  /** The directory of the profile in the target's part of the target directory. */
  readonly directory: string;
  readonly programs: readonly Program[];
  readonly extracts: readonly Extract[];
}

export interface Program {
  readonly form: "stripped" | "full";
  /** `NAME` or `examples/NAME`. */
  readonly path: string;
}

export interface Extract {
  readonly number: number;
  readonly package: string;
  /** Relative to the output directory of the package's build script. */
  readonly source: string;
  /** The name that the copy gets; "." copies what is in a directory. */
  readonly name: string;
}

export function buildScript(build: Build): string {
  const { target, directory, tools, programs, extracts } = build;
  return `${compilationScript(build)}
${takeOutputsScript}
built=${TARGET}/${shellWord(target)}/${shellWord(directory)}
seed_units ${DEPENDENCIES} ${TARGET} ${WORK}/.now
compile ${shellCommand(build.command)}
strip_tool=$(first_of ${shellCommand(tools.strip)})
objcopy_tool=$(first_of ${shellCommand(tools.objcopy)})
${programs.map(({ form, path }) => `at_once take_program ${form} ${shellWord(path)}\n`).join("")}all_done
${extracts.map(takeExtract).join("")}`;
}

function takeExtract(extract: Extract): string {
  return `take_extract ${shellCommand([String(extract.number), extract.package, extract.source, extract.name])}\n`;
}
