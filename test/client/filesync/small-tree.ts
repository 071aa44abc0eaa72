// A mini-language for trees in tests: one entry a line, in any order.
//   dir bar            file foo <content>      link l1 -> target      (modes: 0755, 0644; a "#0640" at the end sets one)
import { type ListedEntry, listedTree } from "../../../client/filesync/listed-tree.ts";
import type { SyncTree } from "../../../client/filesync/sync-tree.ts";

export function smallTree(...lines: readonly string[]): SyncTree {
  return listedTree(lines.map(parseLine));
}

function parseLine(line: string): ListedEntry {
  const mode = /#(\d+)$/.exec(line)?.[1];
  const [kind = "", path = "", ...rest] = line.replace(/ ?#\d+$/, "").split(" ");
  switch (kind) {
    case "dir":
      return { kind: "directory", path, permissions: mode === undefined ? 0o755 : Number.parseInt(mode, 8) };
    case "file":
      return {
        kind: "file",
        path,
        content: Buffer.from(rest.join(" ")),
        permissions: mode === undefined ? 0o644 : Number.parseInt(mode, 8),
      };
    case "link":
      return { kind: "symlink", path, target: rest.slice(1).join(" ") };
    default:
      throw new Error(`no kind of entry: ${line}`);
  }
}
