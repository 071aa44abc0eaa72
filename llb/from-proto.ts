/**
 * A `pb.Definition` as a graph again: for definitions that come from elsewhere (frontend inputs, converted
 * Dockerfiles, files on disk). Marshalling the graph gives the same digests.
 * Contract: moby/buildkit v0.33.0: client/llb/definition.go, solver/pb/ops.proto.
 */
import { pb } from "../proto/index.ts";
import { BuildError } from "./build-error.ts";
import { execFromProto } from "./exec-from-proto.ts";
import { fileFromProto } from "./file-from-proto.ts";
import { digestOfBytes } from "./marshal.ts";
import type { Op, OpMetadata, Output, Vertex } from "./op.ts";
import type { Platform } from "./platform.ts";
import type { SourceLocation, SourceMap } from "./source-map.ts";

/**
 * The result of `definition` as an output; `undefined` for an empty one, which is scratch. Throws `BuildError`
 * "bad-definition" when an op refers to one that is not there before it, or is of no known kind.
 */
export function outputFromProto(definition: pb.Definition): Output | undefined {
  const vertices = new Map<string, Vertex>();
  const locations = locationsFromProto(definition);
  const inputOf = (input: pb.Input): Output => {
    const vertex = vertices.get(input.digest);
    if (vertex === undefined) throw bad(`it refers to ${input.digest} before it has it`);
    return { vertex, index: input.index };
  };
  for (const bytes of definition.def.slice(0, -1)) {
    const digest = digestOfBytes(bytes);
    const op = pb.Op.decode(bytes);
    const metadata = definition.metadata[digest];
    vertices.set(digest, {
      op: opFromProto(op, op.inputs.map(inputOf)),
      platform: op.platform === undefined ? undefined : platformFromProto(op.platform),
      workerFilter: op.constraints?.filter ?? [],
      metadata: metadata === undefined ? {} : metadataFromProto(metadata),
      locations: locations.get(digest) ?? [],
    });
  }
  const last = definition.def.at(-1);
  if (last === undefined) return undefined;
  const terminal = pb.Op.decode(last).inputs[0];
  if (terminal === undefined) throw bad("its last op names no result");
  return inputOf(terminal);
}

function opFromProto(op: pb.Op, inputs: readonly Output[]): Op {
  const input = (index: number): Output | undefined => {
    if (index < 0) return undefined;
    const output = inputs[index];
    if (output === undefined) throw bad(`an op has no input ${index}`);
    return output;
  };
  if (op.source) return { kind: "source", identifier: op.source.identifier, attrs: op.source.attrs };
  if (op.exec) return execFromProto(op.exec, input);
  if (op.file) return fileFromProto(op.file, inputs, input);
  if (op.merge) return { kind: "merge", inputs: op.merge.inputs.flatMap(({ input: index }) => input(index) ?? []) };
  if (op.diff) {
    return { kind: "diff", lower: input(op.diff.lower?.input ?? -1), upper: input(op.diff.upper?.input ?? -1) };
  }
  if (op.passthrough) {
    return { kind: "passthrough", id: op.passthrough.id, inputs, outputs: op.passthrough.outputs };
  }
  const [source] = inputs;
  if (op.build && source) return { kind: "build", source, filename: op.build.attrs["llbbuild.filename"] ?? "" };
  throw bad("an op is of no kind that is known here");
}

function platformFromProto(platform: pb.Platform): Platform {
  return {
    os: platform.OS,
    architecture: platform.Architecture,
    variant: platform.Variant,
    osVersion: platform.OSVersion,
    osFeatures: platform.OSFeatures,
  };
}

function metadataFromProto(metadata: pb.OpMetadata): OpMetadata {
  const { description, exportCache, progressGroup, linuxResources } = metadata;
  return {
    ...(metadata.ignoreCache ? { ignoreCache: true } : {}),
    ...(Object.keys(description).length > 0 ? { description } : {}),
    ...(exportCache === undefined ? {} : { exportCache: exportCache.Value }),
    caps: Object.keys(metadata.caps),
    ...(progressGroup === undefined ? {} : { progressGroup }),
    ...(linuxResources === undefined ? {} : { linuxResources: resourcesFromProto(linuxResources) }),
  };
}

function resourcesFromProto(resources: pb.LinuxResources): NonNullable<OpMetadata["linuxResources"]> {
  return { ...resources, cpuShares: Number(resources.cpuShares), cpuPeriod: Number(resources.cpuPeriod) };
}

function locationsFromProto(definition: pb.Definition): ReadonlyMap<string, readonly SourceLocation[]> {
  const maps: SourceMap[] = (definition.Source?.infos ?? []).map((info) => ({
    filename: info.filename,
    language: info.language,
    data: info.data,
    origin: info.definition === undefined ? undefined : outputFromProto(info.definition),
  }));
  const byDigest = new Map<string, SourceLocation[]>();
  for (const [digest, { locations }] of Object.entries(definition.Source?.locations ?? {})) {
    const placed = locations.flatMap(({ sourceIndex, ranges }) => {
      const source = maps[sourceIndex];
      if (source === undefined) throw bad(`a location is in source ${sourceIndex}, which it does not have`);
      return [{ source, ranges: ranges.map(rangeFromProto) }];
    });
    byDigest.set(digest, placed);
  }
  return byDigest;
}

function rangeFromProto(range: pb.Range): SourceLocation["ranges"][number] {
  const start = range.start ?? { line: 0, character: 0 };
  return { start, end: range.end ?? start };
}

function bad(problem: string): BuildError {
  return new BuildError("bad-definition", `the LLB definition is broken: ${problem}`);
}
