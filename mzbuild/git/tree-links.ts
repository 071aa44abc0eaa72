/** Symbolic links among the files of a tree, followed as the operating system would. Pure. */
import { posix } from "node:path";

/** What a path leads to in the end. */
export type Followed =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "directory"; readonly path: string }
  /** Nothing is there, or it lies outside of the tree. */
  | { readonly kind: "nothing" }
  | { readonly kind: "loop" };

export interface LinkedTree {
  readonly isFile: (path: string) => boolean;
  readonly isDirectory: (path: string) => boolean;
  /** The text of the link at this path; undefined where none is. */
  readonly linkAt: (path: string) => string | undefined;
}

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** `path` is relative to the tree's root; "" is the root. `onLink` is told of every link on the way. */
export function followLinks(tree: LinkedTree, path: string, onLink: (link: string) => void = () => {}): Followed {
  let pending = path.split("/");
  let reached = "";
  for (let links = 0; pending.length > 0; ) {
    const [component = "", ...rest] = pending;
    pending = rest;
    if (component === "" || component === ".") continue;
    if (component === "..") {
      if (reached === "") return { kind: "nothing" };
      reached = parentOf(reached);
      continue;
    }
    const next = reached === "" ? component : `${reached}/${component}`;
    const target = tree.linkAt(next);
    if (target === undefined) {
      reached = next;
      continue;
    }
    onLink(next);
    links += 1;
    if (links > MAX_LINKS) return { kind: "loop" };
    if (target.startsWith("/")) return { kind: "nothing" };
    pending = [...target.split("/"), ...pending];
  }
  if (reached === "" || tree.isDirectory(reached)) return { kind: "directory", path: reached };
  return tree.isFile(reached) ? { kind: "file", path: reached } : { kind: "nothing" };
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}
