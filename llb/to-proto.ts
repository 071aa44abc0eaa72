/**
 * A vertex as the `pb.Op` that it is digested as. What `proto` encodes has the order of fields, the sorted maps and the
 * omissions of Go's deterministic marshaller.
 * Contract: moby/buildkit v0.33.0: solver/pb/ops.proto, client/llb (`Marshal` of each op).
 */
import { type Init, pb } from "../proto/index.ts";
import { execToProto } from "./exec-to-proto.ts";
import { fileToProto } from "./file-to-proto.ts";
import type { BuildOp, DiffOp, Op, Output, SourceOp, Vertex } from "./op.ts";
import { unreachable } from "./unreachable.ts";

/** The bytes of `vertex`. `digestOf` gives the digests of what it depends on. */
export function encodeVertex(vertex: Vertex, digestOf: (vertex: Vertex) => string): Uint8Array {
  const inputs = inputList(digestOf);
  const body = bodyToProto(vertex.op, inputs);
  const platform = vertex.platform;
  return pb.Op.encode({
    inputs: inputs.all,
    platform:
      platform === undefined || !hasPlatform(vertex.op)
        ? undefined
        : {
            OS: platform.os,
            Architecture: platform.architecture,
            Variant: platform.variant,
            OSVersion: platform.osVersion,
            OSFeatures: platform.osFeatures,
          },
    constraints: { filter: vertex.workerFilter },
    ...body,
  });
}

/** The op at the end of a definition: just its result. */
export function encodeTerminal(digest: string, index: number): Uint8Array {
  return pb.Op.encode({ inputs: [{ digest, index }] });
}

/** Collects an op's inputs while it is converted. */
export interface InputList {
  readonly all: readonly pb.Input[];
  /** The number of `output`, shared by equal ones; -1 for scratch. */
  readonly add: (output: Output | undefined) => number;
  /** The number of `output` as an input of its own, as merges and diffs have them; -1 for scratch. */
  readonly append: (output: Output | undefined) => number;
}

const SCRATCH = -1;

function inputList(digestOf: (vertex: Vertex) => string): InputList {
  const all: pb.Input[] = [];
  const append = (output: Output | undefined): number =>
    output === undefined ? SCRATCH : all.push({ digest: digestOf(output.vertex), index: output.index }) - 1;
  const add = (output: Output | undefined): number => {
    if (output === undefined) return SCRATCH;
    const digest = digestOf(output.vertex);
    const known = all.findIndex((input) => input.digest === digest && input.index === output.index);
    return known >= 0 ? known : append(output);
  };
  return { all, add, append };
}

/** Sources whose content depends on the platform; others are marshalled without one. */
const PLATFORM_SPECIFIC_SCHEMES = ["docker-image://", "oci-layout://"];

function hasPlatform(op: Op): boolean {
  if (op.kind === "source") return PLATFORM_SPECIFIC_SCHEMES.some((scheme) => op.identifier.startsWith(scheme));
  return op.kind === "exec" || op.kind === "build";
}

function bodyToProto(op: Op, inputs: InputList): Init<pb.Op> {
  switch (op.kind) {
    case "source":
      return { source: sourceToProto(op) };
    case "exec":
      return { exec: execToProto(op, inputs) };
    case "file":
      return { file: fileToProto(op, inputs) };
    case "merge":
      return { merge: { inputs: op.inputs.map((input) => ({ input: inputs.append(input) })) } };
    case "diff":
      return { diff: diffToProto(op, inputs) };
    case "build":
      return { build: buildToProto(op, inputs) };
    case "passthrough":
      for (const input of op.inputs) inputs.append(input);
      return { passthrough: { id: op.id, outputs: op.outputs } };
    default:
      return unreachable(op);
  }
}

function sourceToProto({ identifier, attrs }: SourceOp): Init<pb.SourceOp> {
  return { identifier, attrs };
}

function diffToProto(op: DiffOp, inputs: InputList): Init<pb.DiffOp> {
  const lower = { input: inputs.append(op.lower) };
  return { lower, upper: { input: inputs.append(op.upper) } };
}

/** What builds the definition: the solver itself (`pb.LLBBuilder`). */
const LLB_BUILDER = -1;

function buildToProto(op: BuildOp, inputs: InputList): Init<pb.BuildOp> {
  return {
    builder: LLB_BUILDER,
    inputs: { "buildkit.llb.definition": { input: inputs.append(op.source) } },
    attrs: op.filename === "" ? {} : { "llbbuild.filename": op.filename },
  };
}
