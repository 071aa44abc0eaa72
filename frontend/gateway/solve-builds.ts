/**
 * Compiled images handed to the daemon, and what the exporters get of them.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/build.go (`Build`, `Finalize`).
 */
import type { Gateway } from "../../client/index.ts";
import { definitionToProto, marshal } from "../../llb/index.ts";
import type { gateway as contract, Init } from "../../proto/index.ts";
import { type BuildOptions, type PlatformBuild, platformKey, resultMetadata } from "../dockerfile/index.ts";
import { scanBuilds } from "./sbom.ts";

/** Nothing runs before somebody looks at a result. The builds are in the order in which platforms were asked for. */
export async function solveBuilds(
  gateway: Gateway,
  builds: readonly PlatformBuild[],
  options: Pick<BuildOptions, "multiPlatform" | "cacheImports" | "sbom" | "buildPlatform" | "resolveMode">,
  signal: AbortSignal,
): Promise<Init<contract.Result> & { readonly metadata: Record<string, Uint8Array> }> {
  const { multiPlatform, cacheImports } = options;
  const imports = cacheImports.map(({ type, attrs }) => ({ Type: type, Attrs: attrs }));
  const attesting = scanBuilds(gateway, builds, options, signal);
  const solved = await Promise.all(
    builds.map(async ({ platform, compiled }) => {
      const definition = definitionToProto(marshal(compiled.output));
      const { ref } = await gateway.solve({ Definition: definition, CacheImports: imports }, { signal });
      return [platformKey(platform), ref ?? { id: "", def: undefined }] as const;
    }),
  );
  const metadata = metadataBytes(resultMetadata(builds, multiPlatform));
  const [first] = solved;
  const result = { metadata, attestations: await attesting };
  if (!multiPlatform && first !== undefined) return { ...result, ref: first[1] };
  return { ...result, refs: { refs: Object.fromEntries(solved) } };
}

export function metadataBytes(texts: ReadonlyMap<string, string>): Record<string, Uint8Array> {
  const encoder = new TextEncoder();
  return Object.fromEntries([...texts].map(([key, text]) => [key, encoder.encode(text)]));
}
