/** Ports of services: any free one of the host, on its own network alone, unless something else is said. docs/format.md, "Ports". Pure. */
import type { Json, JsonObject } from "./model.ts";

export interface PortRules {
  /** `guarded`: as the format has it. `as-written`: as Compose has it, which Compose files may rely on. */
  readonly style: "guarded" | "as-written";
  /** Publish each port of a container under its own number: `--preserve-ports`. */
  readonly preserve: boolean;
}

/** A service names a port of the host, and doesn't say `allow_host_ports`. */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly service: string;
  readonly hint =
    "name the container's port alone to get a free one (mzcompose port tells which), or say allow_host_ports: true";

  constructor(service: string, entry: string) {
    super(
      `service ${JSON.stringify(service)} publishes ${JSON.stringify(entry)}: that is a port of the host, which may be taken`,
    );
    this.service = service;
  }
}

/** What Compose gets as `ports`; undefined for nothing. */
export function renderPorts(
  service: string,
  ports: readonly Json[] | undefined,
  rules: PortRules & { readonly allowHostPorts: boolean },
): readonly Json[] | undefined {
  if (rules.style === "as-written") return ports?.map((entry) => (rules.preserve ? preserved(entry) : entry));
  return (ports ?? []).map((entry) => {
    if (isLong(entry)) return guardedLong(service, entry, rules);
    return guarded(service, String(entry), rules);
  });
}

const LOCAL = "127.0.0.1";

function guarded(
  service: string,
  entry: string,
  { preserve, allowHostPorts }: PortRules & { readonly allowHostPorts: boolean },
): string {
  if (!entry.includes(":")) return preserve ? `${LOCAL}:${entry}:${entry}` : `${LOCAL}::${entry}`;
  const port = entry.startsWith(`${LOCAL}::`) ? entry.slice(`${LOCAL}::`.length) : entry;
  if (port.includes(":") && !allowHostPorts) throw new PortError(service, entry);
  return entry.startsWith(`${LOCAL}:`) ? entry : `${LOCAL}:${entry}`;
}

/** Compose's long form, which the format doesn't know: the same rules. */
function guardedLong(
  service: string,
  entry: JsonObject,
  { preserve, allowHostPorts }: PortRules & { readonly allowHostPorts: boolean },
): JsonObject {
  const published = entry["published"];
  if (published === undefined || published === "") {
    return { ...entry, host_ip: LOCAL, ...(preserve ? { published: String(entry["target"] ?? "") } : {}) };
  }
  if (!allowHostPorts) throw new PortError(service, `${String(published)}:${String(entry["target"])}`);
  return { host_ip: LOCAL, ...entry };
}

/** A port that nothing is said of, under its own number. */
function preserved(entry: Json): Json {
  if (!isLong(entry)) return String(entry).includes(":") ? entry : `${LOCAL}:${String(entry)}:${String(entry)}`;
  if (entry["published"] !== undefined && entry["published"] !== "") return entry;
  return { ...entry, host_ip: LOCAL, published: String(entry["target"] ?? "") };
}

function isLong(entry: Json): entry is JsonObject {
  return typeof entry === "object" && entry !== null && !Array.isArray(entry);
}

/** The port of the container, first in the list: what `web` opens. Undefined for none. */
export function firstPort(ports: readonly Json[] | undefined): number | undefined {
  const [entry] = ports ?? [];
  if (entry === undefined) return undefined;
  const text = isLong(entry) ? String(entry["target"]) : String(entry).split(":").at(-1)?.split("/")[0];
  const port = Number(text);
  return Number.isInteger(port) ? port : undefined;
}
