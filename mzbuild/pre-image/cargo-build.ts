/**
 * The pre-image `cargo-build`: programs of the Cargo workspace. All steps of a solve share one run of cargo; each image copies
 * what it wants out of it, so that the images whose programs came out the same stay cached.
 */
import { BuildError } from "../../llb/index.ts";
import type { CargoWorld } from "./cargo-build/cargo-world.ts";
import { type CargoBuildStep, outputTree, placeExtracts, programsOf } from "./cargo-build/outputs.ts";
import { cargoOutputs } from "./cargo-build/vertices.ts";
import type { PreImageKind, PreImageUse } from "./pre-image-kind.ts";

/** Throws `BuildError` "missing-profile", "missing-file" without a lock file, "missing-build-script". */
export const cargoBuildKind: PreImageKind<CargoBuildStep, CargoWorld> = {
  kind: "cargo-build",
  compile: (uses, world) => {
    checkWorkspace(world);
    const extracts = numberExtracts(uses, world);
    const steps = uses.map(({ step }) => step.step);
    const programs = new Map(steps.flatMap(programsOf).map((program) => [`${program.form}/${program.path}`, program]));
    const outputs = cargoOutputs(world, steps, {
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

function checkWorkspace({ workspace, sources, variant }: CargoWorld): void {
  const { document, profiles } = workspace;
  if (!sources.configuration.includes("Cargo.lock")) {
    throw new BuildError("missing-file", "Cargo.lock not found", {
      at: [document.find("workspace")],
      hint: "builds are made with the versions of a lock file: run `cargo generate-lockfile`, and commit it",
    });
  }
  if (variant.profile === "optimized" && !profiles.includes("optimized")) {
    throw new BuildError("missing-profile", `${document.file} defines no profile "optimized"`, {
      at: [document.find("profile", "workspace")],
      hint: 'add it: [profile.optimized] with inherits = "release", or build with --dev or --release',
    });
  }
}
