/** Steps that put files into an image's context before it is built, as file trees of the graph. */

export type { CargoWorld } from "./cargo-build/cargo-world.ts";
export { CA_SECRET } from "./cargo-build/cargo-world.ts";
export type { CargoBuildStep } from "./cargo-build/outputs.ts";
export { cargoBuildKind } from "./cargo-build.ts";
export { type CopyStep, type CopyWorld, copyKind } from "./copy.ts";
export { declarationOf } from "./places.ts";
export type { FilePurpose, PreImageKind, PreImageUse, RepositoryFiles } from "./pre-image-kind.ts";
export { readStepFailure, STEP_FAILURE_LINE, type StepFailure } from "./step-failure.ts";
