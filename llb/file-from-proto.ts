/** `pb.FileOp` as a {@link FileOp}, the reverse of `file-to-proto.ts`. */
import type { pb } from "../proto/index.ts";
import { BuildError } from "./build-error.ts";
import type { CopyMode, FileAction, FileInput, FileOp, Output, Owner, OwnerName, Timestamp } from "./op.ts";

/** `inputs` are the op's, `input` gives the one of a number and scratch for -1. Throws `BuildError` "bad-definition". */
export function fileFromProto(
  file: pb.FileOp,
  inputs: readonly Output[],
  input: (index: number) => Output | undefined,
): FileOp {
  const from = (index: number): FileInput => {
    if (index >= inputs.length) return { kind: "action", index: index - inputs.length };
    const output = input(index);
    return output === undefined ? { kind: "scratch" } : { kind: "output", output };
  };
  const actions = file.actions.map((action) => actionFromProto(action, from));
  const first = actions[0]?.input;
  return { kind: "file", base: first?.kind === "output" ? first.output : undefined, actions };
}

function actionFromProto(action: pb.FileAction, from: (index: number) => FileInput): FileAction {
  const input = from(action.input);
  const { copy, mkfile, mkdir, rm, symlink } = action;
  if (copy) {
    return {
      kind: "copy",
      input,
      source: from(action.secondaryInput),
      from: copy.src,
      destination: copy.dest,
      owner: ownerFromProto(copy.owner),
      mode: copyMode(copy),
      followSymlink: copy.followSymlink,
      dirCopyContents: copy.dirCopyContents,
      attemptUnpack: copy.attemptUnpackDockerCompatibility,
      createDestPath: copy.createDestPath,
      allowWildcard: copy.allowWildcard,
      allowEmptyWildcard: copy.allowEmptyWildcard,
      alwaysReplaceExistingDestPaths: copy.alwaysReplaceExistingDestPaths,
      includePatterns: copy.includePatterns,
      excludePatterns: copy.excludePatterns,
      requiredPaths: copy.requiredPaths,
      timestamp: timestampFromProto(copy.timestamp),
    };
  }
  if (mkfile) {
    const { path, mode, data } = mkfile;
    return { kind: "mkfile", input, path, mode, data, ...created(mkfile) };
  }
  if (mkdir) {
    const { path, mode, makeParents } = mkdir;
    return { kind: "mkdir", input, path, mode, makeParents, ...created(mkdir) };
  }
  if (rm) return { kind: "rm", input, ...rm };
  if (symlink) return { kind: "symlink", input, target: symlink.oldpath, path: symlink.newpath, ...created(symlink) };
  throw new BuildError("bad-definition", "the LLB definition has a file action of no kind that is known here");
}

function created(action: { readonly owner?: pb.ChownOpt | undefined; readonly timestamp: bigint | number }): {
  owner: Owner | undefined;
  timestamp: Timestamp;
} {
  return { owner: ownerFromProto(action.owner), timestamp: timestampFromProto(action.timestamp) };
}

function copyMode(copy: pb.FileActionCopy): CopyMode {
  if (copy.modeStr !== "") return { kind: "symbolic", text: copy.modeStr };
  return copy.mode === -1 ? { kind: "keep" } : { kind: "bits", bits: copy.mode };
}

function timestampFromProto(timestamp: bigint | number): Timestamp {
  return BigInt(timestamp) === -1n ? undefined : BigInt(timestamp);
}

function ownerFromProto(owner: pb.ChownOpt | undefined): Owner | undefined {
  return owner === undefined ? undefined : { user: ownerName(owner.user), group: ownerName(owner.group) };
}

function ownerName(user: pb.UserOpt | undefined): OwnerName | undefined {
  if (user === undefined) return undefined;
  return user.byName ? { kind: "name", name: user.byName.name } : { kind: "id", id: user.byID ?? 0 };
}
