import { describe, expect, test } from "vitest";
import { type FileAction, local, mkfile, type State, scratch } from "../../../llb/index.ts";
import type { ContextFile } from "../../../mzbuild/index.ts";
import {
  type CopyStep,
  copyKind,
  declarationOf,
  type PreImageKind,
  type RepositoryFiles,
} from "../../../mzbuild/pre-image/index.ts";

const context = { directory: "images/one", files: [], steps: [] };
const declaration = declarationOf({ path: "images/one", declaration: Buffer.from("name: one\n") });
const files: RepositoryFiles = (paths, { what }) =>
  local("repository", { includePatterns: paths, sharedKeyHint: what });

function copied(...list: readonly ContextFile[]): State {
  const step: CopyStep = { kind: "copy", files: list };
  return copyKind.compile([{ image: "one", declaration, context, step }], { files })[0]!;
}

function actionsOf(state: State): readonly FileAction[] {
  const op = state.output?.vertex.op;
  if (op?.kind !== "file") throw new Error("not a file op");
  return op.actions;
}

const routes = (state: State) =>
  actionsOf(state).map((action) => (action.kind === "copy" ? `${action.from} → ${action.destination}` : action.kind));

describe("copy", () => {
  test("takes a directory as a whole, whatever the depth of its files", () => {
    const tree = copied(
      { source: "misc/shared/deep/a.txt", path: "out/shared/deep/a.txt", kind: "file" },
      { source: "misc/shared/b.sh", path: "out/shared/b.sh", kind: "executable" },
    );
    expect(routes(tree)).toEqual(["/misc → /out"]);
    expect(actionsOf(tree)[0]).toMatchObject({ dirCopyContents: true, createDestPath: true });
  });

  test("keeps what the directories have in common apart from what only their names share", () => {
    const tree = copied({ source: "shared/a.txt", path: "shared/shared/a.txt", kind: "file" });
    expect(routes(tree)).toEqual(["/ → /shared"]);
  });

  test("puts the file that a link points to in its place", () => {
    const tree = copied(
      { source: "misc/a.txt", path: "a.txt", kind: "file" },
      { source: "misc/link", path: "link", kind: "link", behind: ["misc/behind"] },
    );
    expect(routes(tree)).toEqual(["/misc → /", "/misc/link → /link"]);
    expect(actionsOf(tree)).toMatchObject([{ includePatterns: ["a.txt"] }, { followSymlink: true }]);
  });

  test("of nothing brings nothing", () => {
    expect(copied().output).toBeUndefined();
  });
});

test("a kind of one's own takes a name, its steps and a function", () => {
  interface NoteStep {
    readonly kind: "note";
    readonly text: string;
  }
  const noteKind: PreImageKind<NoteStep, { readonly author: string }> = {
    kind: "note",
    compile: (uses, { author }) =>
      uses.map(({ image, step }) => scratch().file([mkfile("/NOTE", 0o644, `${image}: ${step.text} (${author})\n`)])),
  };
  const use = { image: "one", declaration, context, step: { kind: "note", text: "hello" } } as const;
  const [tree] = noteKind.compile([use], { author: "us" });
  expect(actionsOf(tree!)).toMatchObject([{ kind: "mkfile", path: "/NOTE" }]);
});
