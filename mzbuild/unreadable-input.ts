/** The error for an input that is there, in some way, and cannot be read. */
import { posix } from "node:path";
import { BuildError, type SourceRange, unreachable } from "../llb/index.ts";
import type { CargoBuildPreImage, Image } from "./image.ts";
import type { UnreadableReason } from "./source-tree.ts";

/** `BuildError` "unreadable-input", naming the image that needs the file. */
export function unreadableInput(image: Pick<Image, "name" | "at">, path: string, reason: UnreadableReason): BuildError {
  const { problem, hint } = explain(path, reason);
  return new BuildError("unreadable-input", `${path}, an input of image ${image.name}, ${problem}`, {
    at: [image.at],
    hint,
  });
}

/** `BuildError` "missing-file" for an input that has to be there. */
export function missingInput(image: Pick<Image, "name" | "at">, path: string): BuildError {
  return new BuildError("missing-file", `${path} not found; it is an input of image ${image.name}`, {
    at: [image.at],
    hint: path === "Cargo.lock" ? "run `cargo generate-lockfile`, and commit the file" : `create ${path}`,
  });
}

/** `BuildError` "not-checked-out" for a file whose content git has, and keeps from the disk; or for a link that leads through `missing`. */
export function notCheckedOut(image: Pick<Image, "name" | "at">, path: string, missing = path): BuildError {
  const problem = missing === path ? "is" : `is a symbolic link to ${missing}, which is`;
  return heldBack(`${path}, which image ${image.name} needs, ${problem}`, missing, [image.at]);
}

/** The same for a file of crates. */
export function programsNotCheckedOut(steps: readonly Pick<CargoBuildPreImage, "at">[], missing: string): BuildError {
  return heldBack(
    `${missing}, which Cargo needs for the programs of images, is`,
    missing,
    steps[0] ? [steps[0].at] : [],
  );
}

function heldBack(what: string, missing: string, at: readonly SourceRange[]): BuildError {
  return new BuildError("not-checked-out", `${what} not in the work tree`, {
    at,
    hint: `git keeps it away (sparse checkout or assume-unchanged): git sparse-checkout add ${posix.dirname(missing)}`,
  });
}

function explain(path: string, reason: UnreadableReason): { readonly problem: string; readonly hint: string } {
  switch (reason) {
    case "dangling-link":
      return {
        problem: "is a symbolic link to a file that does not exist",
        hint: "the content of a link is that of its target: mend it or remove it",
      };
    case "link-to-directory":
      return {
        problem: "is a symbolic link to a directory",
        hint: "an input has the content of its target, and a directory has none: remove the link",
      };
    case "link-loop":
      return { problem: "is a symbolic link that leads back to itself", hint: "remove the link" };
    case "special-file":
      return { problem: "is neither a file nor a symbolic link", hint: "remove it, or have git ignore it" };
    case "not-utf8":
      return { problem: "has a name that is not UTF-8", hint: "rename it" };
    case "submodule-not-checked-out":
      return { problem: "is a submodule that is not checked out", hint: `git submodule update --init ${path}` };
    case "no-permission":
      return { problem: "may not be read", hint: "check the permissions of the file and its directories" };
    default:
      return unreachable(reason);
  }
}
