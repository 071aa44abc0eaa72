/** Services as an `mzcompose.ts` declares them. */
import type { ServiceConfig, Service as ServiceValue } from "./model.ts";

export type Service = ServiceValue;

/** A service: `Service("web", { mzbuild: "web", ports: [8080] })`. */
export function Service(name: string, config: ServiceConfig): Service {
  return { name, config };
}
