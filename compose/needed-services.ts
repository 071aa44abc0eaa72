/** Which services a command needs: those that it names, and those that they can't do without. Pure. */
import type { Json, Service } from "./model.ts";

/**
 * The named services and all that they depend on, in the composition's order; all services where none is named. Names that no
 * service has are left out: Compose complains of them.
 */
export function neededServices(services: readonly Service[], names: readonly string[]): readonly Service[] {
  if (names.length === 0) return services;
  const byName = new Map(services.map((service) => [service.name, service]));
  const needed = new Set<string>();
  const visit = (name: string): void => {
    const service = byName.get(name);
    if (service === undefined || needed.has(name)) return;
    needed.add(name);
    for (const other of dependenciesOf(service)) visit(other);
  };
  for (const name of names) visit(name);
  return services.filter(({ name }) => needed.has(name));
}

/** Every way in which Compose lets one service need another. */
function dependenciesOf({ config }: Service): readonly string[] {
  return [
    ...keysOf(config.depends_on),
    ...texts(config["links"]).map(beforeColon),
    ...texts(config["volumes_from"])
      .filter((text) => !text.startsWith("container:"))
      .map(beforeColon),
    ...["network_mode", "ipc", "pid"].flatMap((key) => {
      const value = config[key];
      return typeof value === "string" && value.startsWith("service:") ? [value.slice("service:".length)] : [];
    }),
  ];
}

function keysOf(value: Json | undefined): readonly string[] {
  if (value === undefined || value === null || typeof value !== "object") return [];
  return Array.isArray(value) ? texts(value) : Object.keys(value);
}

function texts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function beforeColon(text: string): string {
  return text.split(":")[0] ?? text;
}
