/**
 * `frontend.convertllb`: the graph of the target as JSON.
 * Contract: moby/buildkit v0.33.0: frontend/subrequests/convertllb/convertllb.go, client/llb/state.go (`OpMetadata`).
 */
import {
  type Definition,
  type Digest,
  definitionToProto,
  type LinuxResources,
  type MarshalledMetadata,
  marshal,
  type Output,
} from "../../../llb/index.ts";
import { type EnumNames, pb, toProtoJson } from "../../../proto/index.ts";
import { indentedJson } from "./go-text.ts";

const ENUMS: EnumNames = {
  "pb.ExecOp.network": pb.NetMode,
  "pb.ExecOp.security": pb.SecurityMode,
  "pb.Mount.mountType": pb.MountType,
  "pb.Mount.contentCache": pb.MountContentCache,
  "pb.CacheOpt.sharing": pb.CacheSharingOpt,
};

export function convertLlb(output: Output | undefined): Map<string, string> {
  const definition = marshal(output);
  const result = {
    def: byDigest(definition.ops.map(({ digest, bytes }) => [digest, toProtoJson(pb.Op, pb.Op.decode(bytes), ENUMS)])),
    metadata: byDigest([...definition.metadata].map(([digest, metadata]) => [digest, metadataJson(metadata)])),
    source: sourceJson(definition),
  };
  return new Map([
    ["result.json", indentedJson(result)],
    ["version", "0.1.0"],
  ]);
}

function byDigest(entries: readonly (readonly [Digest, unknown])[]): Readonly<Record<Digest, unknown>> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function metadataJson(metadata: MarshalledMetadata): unknown {
  const { ignoreCache, description, exportCache, caps, progressGroup, linuxResources } = metadata;
  return {
    ...(ignoreCache ? { ignore_cache: true } : {}),
    ...(Object.keys(description).length === 0 ? {} : { description: sorted(description) }),
    ...(exportCache === undefined ? {} : { export_cache: exportCache ? { Value: true } : {} }),
    ...(caps.length === 0 ? {} : { caps: sorted(Object.fromEntries(caps.map((cap) => [cap, true]))) }),
    ...(progressGroup === undefined ? {} : { progress_group: filled(progressGroup) }),
    ...(linuxResources === undefined ? {} : { linux_resources: resourcesJson(linuxResources) }),
  };
}

function resourcesJson(limits: LinuxResources): unknown {
  const { memory, memorySwap, cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems } = limits;
  return filled({ memory, memorySwap, cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems });
}

/** As Go leaves out what is empty. */
function filled(values: object): unknown {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Boolean(value)));
}

function sorted<T>(values: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}

function sourceJson(definition: Definition): unknown {
  const { Source } = pb.Definition.decode(pb.Definition.encode(definitionToProto(definition)));
  return Source === undefined ? {} : toProtoJson(pb.Source, Source, ENUMS);
}
