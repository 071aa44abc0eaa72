/**
 * Graph to {@link Definition}. The same graph gives the same bytes; nothing is read but the arguments.
 *
 * The bytes of a vertex are kept with it, so that graphs which share parts share the work.
 * Contract: moby/buildkit v0.33.0: client/llb/state.go (`Marshal`), sourcemap.go.
 */
import { hash } from "node:crypto";
import { capsOf } from "./caps.ts";
import { compareBytes } from "./compare-bytes.ts";
import type {
  Definition,
  DefinitionLocation,
  DefinitionSource,
  Digest,
  MarshalledMetadata,
  MarshalledOp,
  SourceInfo,
} from "./definition.ts";
import { walkInputs } from "./inputs.ts";
import type { Output, Vertex } from "./op.ts";
import type { SourceLocation, SourceMap } from "./source-map.ts";
import { encodeTerminal, encodeVertex } from "./to-proto.ts";

const marshalled = new WeakMap<Vertex, MarshalledOp>();

/** The digest of `vertex`, which names it in progress and errors. Marshals what it depends on. */
export function digestOf(vertex: Vertex): Digest {
  for (const next of inDependencyOrder(vertex, (known) => marshalled.has(known))) marshalVertex(next);
  return knownDigest(vertex);
}

/** The definition whose result is `output`; of scratch, an empty one. */
export function marshal(output: Output | undefined): Definition {
  if (output === undefined) return { ops: [], metadata: new Map(), source: { infos: [], locations: new Map() } };
  const ops: MarshalledOp[] = [];
  const metadata = new Map<Digest, MarshalledMetadata>();
  const locations = new Map<Digest, SourceLocation[]>();
  for (const vertex of inDependencyOrder(output.vertex)) {
    const op = marshalVertex(vertex);
    const known = metadata.get(op.digest);
    if (known === undefined) ops.push(op);
    metadata.set(op.digest, mergeMetadata(known, vertex));
    const places = locations.get(op.digest);
    if (places === undefined) locations.set(op.digest, [...vertex.locations]);
    else places.push(...vertex.locations);
  }
  const terminal = withDigest(encodeTerminal(digestOf(output.vertex), output.index));
  metadata.set(terminal.digest, terminalMetadata([...metadata.values()]));
  return { ops: [...ops, terminal], metadata, source: collectSources(locations) };
}

/** Encodes a vertex whose inputs have been encoded. */
function marshalVertex(vertex: Vertex): MarshalledOp {
  const known = marshalled.get(vertex);
  if (known !== undefined) return known;
  const op = withDigest(encodeVertex(vertex, knownDigest));
  marshalled.set(vertex, op);
  return op;
}

function knownDigest(vertex: Vertex): Digest {
  const op = marshalled.get(vertex);
  if (op === undefined) throw new Error("an input was not marshalled before the op that uses it");
  return op.digest;
}

function withDigest(bytes: Uint8Array): MarshalledOp {
  return { digest: digestOfBytes(bytes), bytes };
}

/** The digest of something stored by its content. */
export function digestOfBytes(bytes: Uint8Array): Digest {
  return `sha256:${hash("sha256", bytes, "hex")}`;
}

/**
 * Every vertex below `root` that is not skipped, inputs first, in the order of their first use. A loop: graphs are
 * deeper than stacks.
 */
function inDependencyOrder(root: Vertex, skip: (vertex: Vertex) => boolean = () => false): Vertex[] {
  const order: Vertex[] = [];
  const seen = new Set<Vertex>();
  const path: { readonly vertex: Vertex; readonly inputs: readonly Output[]; next: number }[] = [];
  const enter = (vertex: Vertex): void => {
    if (seen.has(vertex) || skip(vertex)) return;
    seen.add(vertex);
    path.push({ vertex, inputs: walkInputs(vertex.op), next: 0 });
  };
  enter(root);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const input = top.inputs[top.next++];
    if (input !== undefined) enter(input.vertex);
    else {
      order.push(top.vertex);
      path.pop();
    }
  }
  return order;
}

function mergeMetadata(known: MarshalledMetadata | undefined, vertex: Vertex): MarshalledMetadata {
  const own = vertex.metadata;
  if (known === undefined) return ownMetadata(vertex);
  const caps = new Set([...known.caps, ...capsOf(vertex)]);
  return {
    ignoreCache: known.ignoreCache || (own.ignoreCache ?? false),
    description: { ...known.description, ...own.description },
    exportCache: own.exportCache ?? known.exportCache,
    caps: [...caps].sort(compareBytes),
    progressGroup: own.progressGroup ?? known.progressGroup,
    linuxResources: own.linuxResources ?? known.linuxResources,
  };
}

const NO_DESCRIPTION = {};

function ownMetadata(vertex: Vertex): MarshalledMetadata {
  const { ignoreCache, description, exportCache, progressGroup, linuxResources } = vertex.metadata;
  return {
    ignoreCache: ignoreCache ?? false,
    description: description ?? NO_DESCRIPTION,
    exportCache,
    caps: capsOf(vertex),
    progressGroup,
    linuxResources,
  };
}

function terminalMetadata(all: readonly MarshalledMetadata[]): MarshalledMetadata {
  const caps = ["constraints", "platform"];
  if (all.some((metadata) => metadata.ignoreCache)) caps.push("meta.ignorecache");
  if (all.some((metadata) => Object.keys(metadata.description).length > 0)) caps.push("meta.description");
  if (all.some((metadata) => metadata.exportCache !== undefined)) caps.push("meta.exportcache");
  return {
    ignoreCache: false,
    description: {},
    exportCache: undefined,
    caps: caps.sort(),
    progressGroup: undefined,
    linuxResources: undefined,
  };
}

function collectSources(locations: ReadonlyMap<Digest, readonly SourceLocation[]>): DefinitionSource {
  const maps: SourceMap[] = [];
  const known = new Map<SourceMap, number>();
  const indexOf = (map: SourceMap): number => {
    const index = known.get(map) ?? maps.findIndex((other) => sameSource(other, map));
    const found = index >= 0 ? index : maps.push(map) - 1;
    known.set(map, found);
    return found;
  };
  const placed = new Map<Digest, DefinitionLocation[]>();
  for (const [digest, places] of locations) {
    placed.set(
      digest,
      places.map(({ source, ranges }) => ({ sourceIndex: indexOf(source), ranges })),
    );
  }
  return { infos: maps.map(sourceInfo), locations: placed };
}

function sourceInfo({ filename, language, data, origin }: SourceMap): SourceInfo {
  return { filename, language, data, definition: origin === undefined ? undefined : marshal(origin) };
}

function sameSource(a: SourceMap, b: SourceMap): boolean {
  if (a.filename !== b.filename || a.language !== b.language || Buffer.compare(a.data, b.data) !== 0) return false;
  if (a.origin === undefined || b.origin === undefined) return true;
  return a.origin.index === b.origin.index && digestOf(a.origin.vertex) === digestOf(b.origin.vertex);
}
