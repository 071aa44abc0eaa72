/** {@link Definition} as the message that goes over the wire. Contract: `pb.Definition`. */
import type { pb } from "../proto/index.ts";
import type { Definition, MarshalledMetadata } from "./definition.ts";

/** The definition as a `pb.Definition`, for `Control.Solve` and `LLBBridge.Solve`. */
export function definitionToProto(definition: Definition): pb.Definition {
  const metadata: Record<string, pb.OpMetadata> = {};
  for (const [digest, entry] of definition.metadata) metadata[digest] = metadataToProto(entry);
  const locations: Record<string, pb.Locations> = {};
  for (const [digest, places] of definition.source.locations) {
    locations[digest] = {
      locations: places.map(({ sourceIndex, ranges }) => ({
        sourceIndex,
        ranges: ranges.map(({ start, end }) => ({ start, end })),
      })),
    };
  }
  return {
    def: definition.ops.map((op) => op.bytes),
    metadata,
    Source: {
      locations,
      infos: definition.source.infos.map(({ filename, language, data, definition: origin }) => ({
        filename,
        language,
        data,
        definition: origin === undefined ? undefined : definitionToProto(origin),
      })),
    },
  };
}

function metadataToProto(metadata: MarshalledMetadata): pb.OpMetadata {
  const { linuxResources, exportCache } = metadata;
  return {
    ignoreCache: metadata.ignoreCache,
    description: { ...metadata.description },
    exportCache: exportCache === undefined ? undefined : { Value: exportCache },
    caps: Object.fromEntries(metadata.caps.map((cap) => [cap, true])),
    progressGroup: metadata.progressGroup,
    linuxResources:
      linuxResources === undefined
        ? undefined
        : {
            memory: linuxResources.memory ?? 0,
            memorySwap: linuxResources.memorySwap ?? 0,
            cpuShares: linuxResources.cpuShares ?? 0,
            cpuPeriod: linuxResources.cpuPeriod ?? 0,
            cpuQuota: linuxResources.cpuQuota ?? 0,
            cpusetCpus: linuxResources.cpusetCpus ?? "",
            cpusetMems: linuxResources.cpusetMems ?? "",
          },
  };
}
