/**
 * An op as the bytes that it is digested as.
 *
 * The order of fields is that of Go's deterministic marshaller: by number, but members of a oneof last; maps sorted by
 * key; zero values left out, except in oneofs and for messages that are set. Field numbers stand beside their names.
 * Contract: moby/buildkit v0.33.0: solver/pb/ops.proto, client/llb (`Marshal` of each op).
 */
import { compareBytes } from "./compare-bytes.ts";
import { encodeExec } from "./encode-exec.ts";
import { encodeFile } from "./encode-file.ts";
import type { BuildOp, DiffOp, MergeOp, Op, Output, PassthroughOp, SourceOp, Vertex } from "./op.ts";
import type { Platform } from "./platform.ts";
import { unreachable } from "./unreachable.ts";
import type { WireWriter } from "./wire-writer.ts";

/** An entry of `pb.Op.inputs`. */
export interface EncodedInput {
  readonly digest: string;
  readonly index: number;
}

/** Collects an op's inputs while it is encoded; equal ones share a number. */
export interface InputList {
  /** The number of `output` among the inputs; -1 for scratch. */
  readonly add: (output: Output | undefined) => number;
  /** Adds without looking for an equal one, as merges and diffs do. */
  readonly append: (output: Output) => number;
}

/** Inputs of sources whose content depends on the platform; those of others are marshalled without one. */
const platformSpecificSchemes = ["docker-image://", "oci-layout://"];

/**
 * The bytes of `vertex` as a `pb.Op`. `digestOf` gives the digests of its inputs.
 */
export function encodeOp(vertex: Vertex, writer: WireWriter, digestOf: (vertex: Vertex) => string): Uint8Array {
  const inputs: EncodedInput[] = [];
  const list = inputList(inputs, digestOf);
  // The body decides on the inputs, which come first on the wire: so it is written first, and put last.
  const body = encodeBody(vertex.op, writer, list);

  for (const input of inputs) {
    writer.message(1 /* inputs */, () => {
      writer.text(1 /* digest */, input.digest);
      if (input.index !== 0) writer.varint(2 /* index */, input.index);
    });
  }
  if (vertex.platform !== undefined && hasPlatform(vertex.op)) encodePlatform(writer, vertex.platform);
  writer.message(11 /* constraints */, () => {
    for (const filter of vertex.workerFilter) writer.text(1 /* filter */, filter);
  });
  writer.bytes(body.field, body.bytes);
  return writer.take();
}

/** The op at the end of a definition: just its result. */
export function encodeTerminal(digest: string, index: number, writer: WireWriter): Uint8Array {
  writer.message(1 /* inputs */, () => {
    writer.text(1 /* digest */, digest);
    if (index !== 0) writer.varint(2 /* index */, index);
  });
  return writer.take();
}

function inputList(inputs: EncodedInput[], digestOf: (vertex: Vertex) => string): InputList {
  const append = (output: Output): number => inputs.push({ digest: digestOf(output.vertex), index: output.index }) - 1;
  const add = (output: Output | undefined): number => {
    if (output === undefined) return -1;
    const digest = digestOf(output.vertex);
    const known = inputs.findIndex((input) => input.digest === digest && input.index === output.index);
    return known >= 0 ? known : append(output);
  };
  return { add, append };
}

/** Whether ops of this kind are marshalled with a platform. */
function hasPlatform(op: Op): boolean {
  switch (op.kind) {
    case "exec":
    case "build":
      return true;
    case "source":
      return platformSpecificSchemes.some((scheme) => op.identifier.startsWith(scheme));
    case "file":
    case "merge":
    case "diff":
    case "passthrough":
      return false;
    default:
      return unreachable(op);
  }
}

function encodePlatform(writer: WireWriter, platform: Platform): void {
  writer.message(10 /* platform */, () => {
    if (platform.architecture !== "") writer.text(1 /* Architecture */, platform.architecture);
    if (platform.os !== "") writer.text(2 /* OS */, platform.os);
    if (platform.variant !== "") writer.text(3 /* Variant */, platform.variant);
    if (platform.osVersion !== "") writer.text(4 /* OSVersion */, platform.osVersion);
    for (const feature of platform.osFeatures) writer.text(5 /* OSFeatures */, feature);
  });
}

function encodeBody(op: Op, writer: WireWriter, inputs: InputList): { field: number; bytes: Uint8Array } {
  switch (op.kind) {
    case "exec":
      encodeExec(op, writer, inputs);
      return { field: 2, bytes: writer.take() };
    case "source":
      encodeSource(op, writer);
      return { field: 3, bytes: writer.take() };
    case "file":
      encodeFile(op, writer, inputs);
      return { field: 4, bytes: writer.take() };
    case "build":
      encodeBuild(op, writer, inputs);
      return { field: 5, bytes: writer.take() };
    case "merge":
      encodeMerge(op, writer, inputs);
      return { field: 6, bytes: writer.take() };
    case "diff":
      encodeDiff(op, writer, inputs);
      return { field: 7, bytes: writer.take() };
    case "passthrough":
      encodePassthrough(op, writer, inputs);
      return { field: 8, bytes: writer.take() };
    default:
      return unreachable(op);
  }
}

function encodeSource(op: SourceOp, writer: WireWriter): void {
  if (op.identifier !== "") writer.text(1 /* identifier */, op.identifier);
  encodeTextMap(writer, 2 /* attrs */, op.attrs);
}

function encodeTextMap(writer: WireWriter, field: number, map: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(map).sort(compareBytes)) {
    writer.message(field, () => {
      writer.text(1 /* key */, key);
      writer.text(2 /* value */, map[key] ?? "");
    });
  }
}

function encodeMerge(op: MergeOp, writer: WireWriter, inputs: InputList): void {
  for (const output of op.inputs) {
    const input = inputs.append(output);
    writer.message(1 /* inputs */, () => {
      if (input !== 0) writer.varint(1 /* input */, input);
    });
  }
}

function encodeDiff(op: DiffOp, writer: WireWriter, inputs: InputList): void {
  for (const [field, output] of [[1 /* lower */, op.lower] as const, [2 /* upper */, op.upper] as const]) {
    const input = output === undefined ? -1 : inputs.append(output);
    writer.message(field, () => {
      if (input !== 0) writer.varint(1 /* input */, input);
    });
  }
}

/** What builds the definition: the solver itself (`pb.LLBBuilder`). */
const llbBuilder = -1;

function encodeBuild(op: BuildOp, writer: WireWriter, inputs: InputList): void {
  const input = inputs.append(op.source);
  writer.varint(1 /* builder */, llbBuilder);
  writer.message(2 /* inputs */, () => {
    writer.text(1 /* key */, "buildkit.llb.definition");
    writer.message(2 /* value */, () => {
      if (input !== 0) writer.varint(1 /* input */, input);
    });
  });
  encodeTextMap(writer, 4 /* attrs */, op.filename === "" ? {} : { "llbbuild.filename": op.filename });
}

function encodePassthrough(op: PassthroughOp, writer: WireWriter, inputs: InputList): void {
  for (const output of op.inputs) inputs.append(output);
  if (op.id !== "") writer.text(1 /* id */, op.id);
  // A packed repeated field: its varints, one after the other.
  if (op.outputs.length > 0) writer.bytes(2 /* outputs */, packedVarints(op.outputs));
}

/** Small non-negative numbers, as protobuf packs them. */
export function packedVarints(values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
  }
  return Uint8Array.from(bytes);
}
