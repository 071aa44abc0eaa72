/** What becomes of a service before Compose gets it, all but its image. docs/format.md, "What happens to a service". Pure. */
import type { Json, JsonObject, Service, ServiceConfig } from "./model.ts";
import { type PortRules, renderPorts } from "./ports.ts";

export interface RenderRules {
  /** `UID:GID` of the caller, for `propagate_uid_gid`; undefined where the system has no such thing. */
  readonly user: string | undefined;
  readonly ports: PortRules;
  /** Run without AppArmor's confinement, whatever the service says of `security_opt`. */
  readonly unconfined: boolean;
  readonly hostNetwork: boolean;
  readonly coverage: boolean;
}

/** The keys that Compose doesn't know, by which a service says what is to be done with it. */
const OWN_KEYS = ["mzbuild", "publish", "propagate_uid_gid", "allow_host_ports"] as const;

/** Without our own keys and without `image`. Throws `PortError` for a port of the host where none may be named. */
export function renderService({ name, config }: Service, rules: RenderRules): JsonObject {
  const rendered = new Map<string, Json>();
  for (const [key, value] of Object.entries(config)) if (value !== undefined) rendered.set(key, value);
  for (const key of OWN_KEYS) rendered.delete(key);
  if (config.propagate_uid_gid && rules.user !== undefined) rendered.set("user", rules.user);
  if (rules.unconfined) rendered.set("security_opt", ["apparmor=unconfined"]);
  const ports = renderPorts(name, config.ports, { ...rules.ports, allowHostPorts: config.allow_host_ports ?? false });
  if (ports !== undefined) rendered.set("ports", ports);
  if (rules.hostNetwork) {
    rendered.set("network_mode", "host");
    rendered.delete("networks");
  }
  if (rules.coverage) {
    rendered.set("volumes", [...(config.volumes ?? []), "./coverage:/coverage"]);
    rendered.set("environment", withProfileFile(name, config.environment));
  }
  return Object.fromEntries(rendered);
}

const PROFILE_FILE = "LLVM_PROFILE_FILE";

/** Where a program that is instrumented for coverage writes what it counted. */
function withProfileFile(service: string, environment: ServiceConfig["environment"]): Json {
  const value = `/coverage/${service}-%p-%9m%c.profraw`;
  if (environment !== undefined && !isList(environment)) return { ...environment, [PROFILE_FILE]: value };
  const others = (environment ?? []).filter((entry) => entry !== PROFILE_FILE && !entry.startsWith(`${PROFILE_FILE}=`));
  return [...others, `${PROFILE_FILE}=${value}`];
}

function isList(environment: NonNullable<ServiceConfig["environment"]>): environment is readonly string[] {
  return Array.isArray(environment);
}
