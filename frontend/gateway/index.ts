/** A frontend on BuildKit's gateway: in a container of its own, or within the client. */
export { gatewayWorld, platformToProto } from "./world.ts";
