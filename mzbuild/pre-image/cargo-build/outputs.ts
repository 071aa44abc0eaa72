/** Which outputs of the one cargo build go where in which image's context. docs/format.md, "Where programs are", "Extract". */
import { posix } from "node:path";
import { BuildError, copy, type SourceLocation, type State, scratch } from "../../../llb/index.ts";
import type { BuildContext } from "../../build-context.ts";
import { tableOf } from "../../cargo/toml-document.ts";
import type { CargoBuildPreImage, CargoExtract } from "../../image.ts";
import { lineRange } from "../places.ts";
import type { PreImageUse } from "../pre-image-kind.ts";
import type { Extract, Program } from "./build-script.ts";
import type { CargoWorld } from "./cargo-world.ts";

export interface CargoBuildStep {
  readonly kind: "cargo-build";
  readonly step: CargoBuildPreImage;
}

export function programsOf({ strip, bins, examples }: CargoBuildPreImage): readonly Program[] {
  const form = strip ? "stripped" : "full";
  return [
    ...bins.map(({ value }) => ({ form, path: value }) as const),
    ...examples.map(({ value }) => ({ form, path: `examples/${value}` }) as const),
  ];
}

/** Where the names that the step has are written. */
export function placeOf({ declaration, step: { step } }: PreImageUse<CargoBuildStep>): SourceLocation {
  const extracts = step.extract.flatMap((extract) => [extract.package, extract.source]);
  const names = [...step.bins, ...step.examples, ...step.features, ...extracts];
  return { source: declaration, ranges: names.map(({ at }) => lineRange(at)) };
}

/** An extract, and the directory of the context that its files go into. */
export interface PlacedExtract extends Extract {
  readonly directory: string;
}

/** `cp -R SOURCE CONTEXT/DESTINATION`: into the destination if that is a directory already, else under that name. */
export function placeExtracts(
  { context, step: use }: PreImageUse<CargoBuildStep>,
  world: CargoWorld,
  first: number,
): readonly PlacedExtract[] {
  return use.step.extract.map((extract, index) => {
    checkBuildScript(extract, world);
    const destination = posix.join("/", extract.destination.value);
    const source = posix.normalize(extract.source.value).replace(/(?<=.)\/$/, "");
    const base = posix.basename(source);
    const into = isDirectory(context, use, destination.slice(1));
    const contents = base === "." || base === "..";
    return {
      number: first + index,
      package: extract.package.value,
      source,
      name: contents ? "." : into ? base : posix.basename(destination),
      directory: into || contents ? destination : posix.dirname(destination),
    };
  });
}

/** The tree that one use adds to its image's context. */
export function outputTree(
  use: PreImageUse<CargoBuildStep>,
  outputs: State,
  extracts: readonly PlacedExtract[],
): State {
  const {
    image,
    step: { step },
  } = use;
  const programs = programsOf(step).map(({ form, path }) =>
    copy(outputs, `/${form}/${path}`, `/${path}`, { createDestPath: true }),
  );
  const extracted = extracts.map(({ number, directory }) =>
    copy(outputs, `/extract/${number}`, directory, { dirCopyContents: true, createDestPath: true }),
  );
  return scratch().file([...programs, ...extracted], { name: `[${image}] take what cargo built`, at: [placeOf(use)] });
}

/** Whether a path of the context is a directory when the step runs: the root, or above what is there by then. */
function isDirectory(context: BuildContext, use: CargoBuildStep, path: string): boolean {
  const before = context.steps.slice(
    0,
    context.steps.findIndex((step) => step.kind === "cargo-build" && step.step === use.step),
  );
  const there = [
    ...context.files.map((file) => file.path),
    ...before.flatMap((step) =>
      step.kind === "copy" ? step.files.map((file) => file.path) : programsOf(step.step).map((program) => program.path),
    ),
    ...programsOf(use.step).map((program) => program.path),
  ];
  return path === "" || there.some((each) => each.startsWith(`${path}/`));
}

/** A crate of the workspace without a build script has no output; of other packages we cannot tell before they are built. */
function checkBuildScript({ package: name }: CargoExtract, { sources }: CargoWorld): void {
  const crate = sources.compiled.find((each) => each.name === name.value);
  if (crate === undefined) return;
  const declared = tableOf(crate.manifest.document.table, "package")?.["build"];
  const usual = posix.join(crate.directory, "build.rs");
  if (declared !== false && (declared !== undefined || sources.files.includes(usual))) return;
  throw new BuildError("missing-build-script", `${name.value} has no build script to extract files of`, {
    at: [name.at],
    hint: `extract takes files from what a build script leaves in OUT_DIR; ${usual} would be one`,
  });
}
