/**
 * What a received listing must hold to be written to a disk: clean relative paths in order, parents before children and
 * themselves directories, hard links to files already seen. A path that passes can't leave the directory it is written to,
 * since a symlink is never anyone's parent.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: validator.go, hardlinks.go.
 */
import { ClientError } from "../client-error.ts";
import { isCleanPath } from "./clean-path.ts";
import { compareNames } from "./compare-paths.ts";
import { GO_DIRECTORY, GO_SYMLINK } from "./go-file-mode.ts";
import type { PacketStat } from "./packet.ts";

export interface EntryValidator {
  /** Throws `ClientError` "unsafe-path" or "sync-protocol"; entries are checked in the order of their arrival. */
  check(stat: PacketStat): void;
}

export function entryValidator(): EntryValidator {
  /** The directories that the current entry lies in, each with the last name seen in it. */
  const open: { readonly path: string; last: string }[] = [{ path: "", last: "" }];
  const files = new Set<string>();
  return {
    check(stat) {
      assertContained(stat.path);
      const slash = stat.path.lastIndexOf("/");
      const directory = slash === -1 ? "" : stat.path.slice(0, slash);
      const name = stat.path.slice(slash + 1);
      while (open.length > 1 && open.at(-1)?.path !== directory) open.pop();
      const parent = open.at(-1);
      if (parent?.path !== directory || compareNames(parent.last, name) >= 0) {
        throw new ClientError("sync-protocol", `the entry ${JSON.stringify(stat.path)} came out of order`);
      }
      parent.last = name;
      if (stat.mode & GO_DIRECTORY) open.push({ path: stat.path, last: "" });
      else if (!(stat.mode & GO_SYMLINK)) checkLink(stat, files);
    },
  };
}

function checkLink(stat: PacketStat, files: Set<string>): void {
  if (stat.link === "") files.add(stat.path);
  else if (!files.has(stat.link)) {
    throw new ClientError(
      "unsafe-path",
      `the entry ${JSON.stringify(stat.path)} links to ${JSON.stringify(stat.link)}, which is no file of the transfer`,
    );
  }
}

function assertContained(path: string): void {
  if (!isCleanPath(path)) {
    throw new ClientError(
      "unsafe-path",
      `the received path ${JSON.stringify(path)} leaves the directory it belongs in`,
    );
  }
}
