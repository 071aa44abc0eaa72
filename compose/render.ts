/** A composition as the file that Compose gets. docs/format.md, "What happens to a service". Pure. */
import type { CompositionData, Json, JsonObject, Service } from "./model.ts";
import { type RenderRules, renderService } from "./render-service.ts";

export interface RenderOptions extends RenderRules {
  /** What services run in the place of `mzbuild: NAME`: a spec, or for commands that don't resolve the name without a tag. */
  readonly imageOf: (name: string) => string;
  /** Volumes that every composition has. */
  readonly defaultVolumes: JsonObject;
}

/** Throws `PortError`, and what `imageOf` throws. */
export function renderComposition(
  { services, volumes, networks, others }: Pick<CompositionData, "services" | "volumes" | "networks" | "others">,
  options: RenderOptions,
): JsonObject {
  const rendered = services.map((service): [string, Json] => [service.name, withImage(service, options)]);
  return {
    ...others,
    services: Object.fromEntries(rendered),
    ...unlessEmpty("volumes", { ...options.defaultVolumes, ...volumes }),
    ...unlessEmpty("networks", networks),
  };
}

function withImage(service: Service, options: RenderOptions): JsonObject {
  const rendered = renderService(service, options);
  const { mzbuild } = service.config;
  if (mzbuild === undefined) return rendered;
  // A service that has moved over may still say how it was built before.
  const { build: _, ...rest } = rendered;
  return { ...rest, image: options.imageOf(mzbuild) };
}

function unlessEmpty(key: string, value: JsonObject): JsonObject {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}
