/**
 * The answer of the step that lists and hashes a build context: a program in a container of the frontend's own image, so
 * that the daemon caches its answer by the context's content, and no content passes through the frontend.
 */
import { writeFileSync } from "node:fs";
import type { ListedFile } from "../../mzbuild/index.ts";
import { listDirectory } from "../../mzbuild/index.ts";

/** The name of the answer in the step's output. */
export const ANSWER_FILE = "files.json";

/** Counts the changes of what the answer says or how it says it: part of the step, so that old answers are not taken. */
export const ANSWER_VERSION = "3";

/** `[path, kind, SHA-1 in base 64]`, with what is behind it if it is a link, or `[path, reason]` of what can't be read. */
type Row = readonly [string, string, string, ...string[]] | readonly [string, string];

/** An argument of the program: what git has checked out is all there, so that ignore files don't count. */
export const EVERYTHING = "everything";

/** The program of the step: lists `context` into `output`, both absolute. */
export function listContext([context = "", output = "", files]: readonly string[]): void {
  writeFileSync(
    `${output}/${ANSWER_FILE}`,
    encodeListing(listDirectory(context, { everything: files === EVERYTHING })),
  );
}

export function encodeListing(files: readonly ListedFile[]): string {
  return JSON.stringify(
    files.map(({ path, file, behind = [] }): Row => {
      if (file.status === "unreadable") return [path, file.reason];
      return [path, file.kind, Buffer.from(file.sha1, "hex").toString("base64"), ...behind];
    }),
  );
}

export function decodeListing(bytes: Uint8Array): readonly ListedFile[] {
  // Written by `encodeListing` of the same image.
  const rows = JSON.parse(new TextDecoder().decode(bytes)) as readonly Row[];
  return rows.map(([path, what, sha1, ...behind]): ListedFile => {
    const file = sha1 === undefined ? { status: "unreadable", reason: what } : presentFile(what, sha1);
    return { path, file: file as ListedFile["file"], ...(what === "link" ? { behind } : {}) };
  });
}

function presentFile(kind: string, sha1: string) {
  return { status: "present", kind, sha1: Buffer.from(sha1, "base64").toString("hex") };
}
