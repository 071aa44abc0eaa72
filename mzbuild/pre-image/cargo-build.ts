/**
 * The pre-image `cargo-build`: programs of the Cargo workspace. All steps of a solve share one run of cargo; each image copies
 * what it wants out of it, so that the images whose programs came out the same stay cached.
 */
import type { CargoWorld } from "./cargo-build/cargo-world.ts";
import { checkFeatures } from "./cargo-build/check-features.ts";
import { checkLockFile } from "./cargo-build/check-lock-file.ts";
import { checkCrates, checkWorkspace } from "./cargo-build/check-workspace.ts";
import { type CargoBuildStep, outputTree, placeExtracts, placeOf, programsOf } from "./cargo-build/outputs.ts";
import { cargoOutputs } from "./cargo-build/vertices.ts";
import type { PreImageKind, PreImageUse } from "./pre-image-kind.ts";

/** Throws `BuildError` "missing-build-script", and as the checks do. */
export const cargoBuildKind: PreImageKind<CargoBuildStep, CargoWorld> = {
  kind: "cargo-build",
  compile: (uses, world) => {
    checkWorkspace(world);
    checkCrates(world);
    checkLockFile(world);
    checkFeatures(
      world,
      uses.map(({ step }) => step.step),
    );
    const extracts = numberExtracts(uses, world);
    const steps = uses.map(({ step }) => step.step);
    const programs = new Map(steps.flatMap(programsOf).map((program) => [`${program.form}/${program.path}`, program]));
    const outputs = cargoOutputs(world, {
      steps,
      at: uses.map(placeOf),
      programs: [...programs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, program]) => program),
      extracts: extracts.flat(),
    });
    return uses.map((use, index) => outputTree(use, outputs, extracts[index] ?? []));
  },
};

function numberExtracts(
  uses: readonly PreImageUse<CargoBuildStep>[],
  world: CargoWorld,
): readonly ReturnType<typeof placeExtracts>[] {
  let next = 0;
  return uses.map((use) => {
    const placed = placeExtracts(use, world, next);
    next += placed.length;
    return placed;
  });
}
