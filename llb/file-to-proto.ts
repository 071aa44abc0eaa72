/**
 * A {@link FileOp} as `pb.FileOp`. An action finds its tree by a number: below the count of the op's inputs it is an
 * input, from there on the result of an action.
 * Contract: moby/buildkit v0.33.0: solver/pb/ops.proto, client/llb/fileop.go.
 */
import type { Init, pb } from "../proto/index.ts";
import type { CopyAction, FileAction, FileInput, FileOp, Owner, OwnerName, Timestamp } from "./op.ts";
import type { InputList } from "./to-proto.ts";
import { unreachable } from "./unreachable.ts";

const NO_OUTPUT = -1;
const SCRATCH = -1;
const KEEP_MODE = -1;
const NO_TIMESTAMP = -1n;

/** Adds to `inputs` the base and the copied trees, action by action. */
export function fileToProto(op: FileOp, inputs: InputList): Init<pb.FileOp> {
  const base = inputs.add(op.base);
  for (const action of op.actions) {
    addInput(action.input, inputs);
    if (action.kind === "copy") addInput(action.source, inputs);
  }
  // Only now is it known where the numbers of actions start.
  const numberOf = (input: FileInput): number => {
    if (input.kind === "scratch") return SCRATCH;
    return input.kind === "output" ? inputs.add(input.output) : inputs.all.length + input.index;
  };
  return {
    actions: op.actions.map((action, index) => ({
      input: numberOf(action.input),
      secondaryInput: action.kind === "copy" ? numberOf(action.source) : SCRATCH,
      output: index === op.actions.length - 1 ? 0 : NO_OUTPUT,
      ...actionToProto(action, base),
    })),
  };
}

function addInput(input: FileInput, inputs: InputList): void {
  if (input.kind === "output") inputs.add(input.output);
}

function actionToProto(action: FileAction, base: number): Init<pb.FileAction> {
  switch (action.kind) {
    case "copy":
      return { copy: copyToProto(action, base) };
    case "mkfile":
      return { mkfile: { path: action.path, mode: action.mode, data: action.data, ...created(action, base) } };
    case "mkdir": {
      const { path, mode, makeParents } = action;
      return { mkdir: { path, mode, makeParents, ...created(action, base) } };
    }
    case "rm":
      return { rm: { path: action.path, allowNotFound: action.allowNotFound, allowWildcard: action.allowWildcard } };
    case "symlink":
      return { symlink: { oldpath: action.target, newpath: action.path, ...created(action, base) } };
    default:
      return unreachable(action);
  }
}

function copyToProto(action: CopyAction, base: number): Init<pb.FileActionCopy> {
  return {
    src: action.from,
    dest: action.destination,
    mode: action.mode.kind === "keep" ? KEEP_MODE : action.mode.kind === "bits" ? action.mode.bits : 0,
    modeStr: action.mode.kind === "symbolic" ? action.mode.text : "",
    followSymlink: action.followSymlink,
    dirCopyContents: action.dirCopyContents,
    attemptUnpackDockerCompatibility: action.attemptUnpack,
    createDestPath: action.createDestPath,
    allowWildcard: action.allowWildcard,
    allowEmptyWildcard: action.allowEmptyWildcard,
    includePatterns: action.includePatterns,
    excludePatterns: action.excludePatterns,
    alwaysReplaceExistingDestPaths: action.alwaysReplaceExistingDestPaths,
    requiredPaths: action.requiredPaths,
    ...created(action, base),
  };
}

interface Created {
  readonly owner: Owner | undefined;
  readonly timestamp: Timestamp;
}

function created({ owner, timestamp }: Created, base: number): { owner?: Init<pb.ChownOpt>; timestamp: bigint } {
  return {
    ...(owner === undefined
      ? {}
      : { owner: { user: ownerName(owner.user, base), group: ownerName(owner.group, base) } }),
    timestamp: timestamp ?? NO_TIMESTAMP,
  };
}

function ownerName(name: OwnerName | undefined, base: number): Init<pb.UserOpt> | undefined {
  if (name === undefined) return undefined;
  return name.kind === "id" ? { byID: name.id } : { byName: { name: name.name, input: base } };
}
