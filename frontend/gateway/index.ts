/** A frontend on BuildKit's gateway: in a container of its own, or within the client. */
export { buildDockerfile } from "./build.ts";
export { type FrontendEnvironment, readEnvironment } from "./environment.ts";
export { solverOf } from "./solver.ts";
export { gatewayWorld, platformToProto } from "./world.ts";
