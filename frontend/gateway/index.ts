/** A frontend on BuildKit's gateway: in a container of its own, or within the client. */
export { buildDockerfile } from "./build.ts";
export { CARGO_BUILDER, type CompiledPlan, type CompileTask, compilePlan, fromRegistry } from "./compile-plan.ts";
export { type FrontendEnvironment, readEnvironment } from "./environment.ts";
export { type PlannedImages, planImages } from "./plan-images.ts";
export { adviseUnreachable, isUnreachable, type StandIns } from "./stand-ins.ts";
