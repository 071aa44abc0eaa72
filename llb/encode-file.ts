/**
 * `pb.FileOp` as bytes. An action finds its tree by a number: below the count of the op's inputs it is an input, from
 * there on the result of an action.
 * Contract: moby/buildkit v0.33.0: solver/pb/ops.proto, client/llb/fileop.go.
 */
import type { InputList } from "./encode-op.ts";
import type { CopyAction, FileAction, FileInput, FileOp, Owner, OwnerName, Timestamp } from "./op.ts";
import { unreachable } from "./unreachable.ts";
import type { WireWriter } from "./wire-writer.ts";

const noOutput = -1;
const scratch = -1;
const unset = -1;

/** Writes the fields of `pb.FileOp`, adding to `inputs` the base and the copied trees, action by action. */
export function encodeFile(op: FileOp, writer: WireWriter, inputs: InputList): void {
  const base = inputs.add(op.base);
  const numbered = op.actions.map((action) => ({
    action,
    input: inputNumber(action.input, inputs),
    source: action.kind === "copy" ? inputNumber(action.source, inputs) : { kind: "input", number: scratch },
  }));
  // Numbers of actions start after those of the inputs, whose count is known only now.
  const inputCount = countOf(
    numbered.flatMap(({ input, source }) => [input, source]),
    base,
  );
  const resolve = (number: { readonly kind: string; readonly number: number }): number =>
    number.kind === "action" ? inputCount + number.number : number.number;

  numbered.forEach(({ action, input, source }, index) => {
    const output = index === numbered.length - 1 ? 0 : noOutput;
    writer.message(2 /* actions */, () => {
      const from = resolve(input);
      const second = resolve(source);
      if (from !== 0) writer.varint(1 /* input */, from);
      if (second !== 0) writer.varint(2 /* secondaryInput */, second);
      if (output !== 0) writer.varint(3 /* output */, output);
      encodeAction(action, base, writer);
    });
  });
}

type InputNumber = { readonly kind: "input" | "action"; readonly number: number };

function inputNumber(input: FileInput, inputs: InputList): InputNumber {
  switch (input.kind) {
    case "scratch":
      return { kind: "input", number: scratch };
    case "output":
      return { kind: "input", number: inputs.add(input.output) };
    case "action":
      return { kind: "action", number: input.index };
    default:
      return unreachable(input);
  }
}

function countOf(numbers: readonly { readonly kind: string; readonly number: number }[], base: number): number {
  let count = base + 1;
  for (const { kind, number } of numbers) if (kind === "input") count = Math.max(count, number + 1);
  return count;
}

function encodeAction(action: FileAction, base: number, writer: WireWriter): void {
  switch (action.kind) {
    case "copy":
      writer.message(4, () => encodeCopy(action, base, writer));
      return;
    case "mkfile":
      writer.message(5, () => {
        if (action.path !== "") writer.text(1 /* path */, action.path);
        if (action.mode !== 0) writer.varint(2 /* mode */, action.mode);
        if (action.data.length > 0) writer.bytes(3 /* data */, action.data);
        encodeOwner(4, action.owner, base, writer);
        encodeTimestamp(5, action.timestamp, writer);
      });
      return;
    case "mkdir":
      writer.message(6, () => {
        if (action.path !== "") writer.text(1 /* path */, action.path);
        if (action.mode !== 0) writer.varint(2 /* mode */, action.mode);
        if (action.makeParents) writer.varint(3 /* makeParents */, 1);
        encodeOwner(4, action.owner, base, writer);
        encodeTimestamp(5, action.timestamp, writer);
      });
      return;
    case "rm":
      writer.message(7, () => {
        if (action.path !== "") writer.text(1 /* path */, action.path);
        if (action.allowNotFound) writer.varint(2 /* allowNotFound */, 1);
        if (action.allowWildcard) writer.varint(3 /* allowWildcard */, 1);
      });
      return;
    case "symlink":
      writer.message(8, () => {
        if (action.target !== "") writer.text(1 /* oldpath */, action.target);
        if (action.path !== "") writer.text(2 /* newpath */, action.path);
        encodeOwner(3, action.owner, base, writer);
        encodeTimestamp(4, action.timestamp, writer);
      });
      return;
    default:
      unreachable(action);
  }
}

function encodeCopy(action: CopyAction, base: number, writer: WireWriter): void {
  if (action.from !== "") writer.text(1 /* src */, action.from);
  if (action.destination !== "") writer.text(2 /* dest */, action.destination);
  encodeOwner(3, action.owner, base, writer);
  const mode = action.mode.kind === "keep" ? unset : action.mode.kind === "bits" ? action.mode.bits : 0;
  if (mode !== 0) writer.varint(4 /* mode */, mode);
  if (action.followSymlink) writer.varint(5 /* followSymlink */, 1);
  if (action.dirCopyContents) writer.varint(6 /* dirCopyContents */, 1);
  if (action.attemptUnpack) writer.varint(7 /* attemptUnpackDockerCompatibility */, 1);
  if (action.createDestPath) writer.varint(8 /* createDestPath */, 1);
  if (action.allowWildcard) writer.varint(9 /* allowWildcard */, 1);
  if (action.allowEmptyWildcard) writer.varint(10 /* allowEmptyWildcard */, 1);
  encodeTimestamp(11, action.timestamp, writer);
  for (const pattern of action.includePatterns) writer.text(12 /* include_patterns */, pattern);
  for (const pattern of action.excludePatterns) writer.text(13 /* exclude_patterns */, pattern);
  if (action.alwaysReplaceExistingDestPaths) writer.varint(14 /* alwaysReplaceExistingDestPaths */, 1);
  if (action.mode.kind === "symbolic") writer.text(15 /* modeStr */, action.mode.text);
  for (const path of action.requiredPaths) writer.text(16 /* required_paths */, path);
}

function encodeOwner(field: number, owner: Owner | undefined, base: number, writer: WireWriter): void {
  if (owner === undefined) return;
  writer.message(field, () => {
    encodeOwnerName(1 /* user */, owner.user, base, writer);
    encodeOwnerName(2 /* group */, owner.group, base, writer);
  });
}

function encodeOwnerName(field: number, name: OwnerName | undefined, base: number, writer: WireWriter): void {
  if (name === undefined) return;
  writer.message(field, () => {
    // A oneof: written even when it is 0.
    if (name.kind === "id") writer.varint(2 /* byID */, name.id);
    else
      writer.message(1 /* byName */, () => {
        if (name.name !== "") writer.text(1 /* name */, name.name);
        if (base !== 0) writer.varint(2 /* input */, base);
      });
  });
}

function encodeTimestamp(field: number, timestamp: Timestamp, writer: WireWriter): void {
  const nanoseconds = timestamp ?? BigInt(unset);
  if (nanoseconds !== 0n) writer.varint(field, nanoseconds);
}
