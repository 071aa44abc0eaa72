/**
 * An entry of a walk as the wire has it.
 * Source: tonistiigi/fsutil v0.0.0-20260819142231: stat.go (mkstat), stat_unix.go.
 */
import { GO_CHARACTER_DEVICE, GO_DEVICE, GO_DIRECTORY, GO_FIFO, GO_SYMLINK, toGoMode } from "./go-file-mode.ts";
import type { PacketStat } from "./packet.ts";
import { encodePath } from "./path-bytes.ts";
import type { SyncEntry } from "./sync-tree.ts";
import type { WalkedEntry } from "./walk-tree.ts";

/** A hard link keeps the size of its file, and has its path as link. */
export function toStat({ path, entry, hardLinkTo }: WalkedEntry): PacketStat {
  const stat = {
    path,
    mode: toGoMode(typeBitsOf(entry), entry.permissions),
    sizeBytes: 0,
    mtimeNs: entry.mtimeNs,
    link: hardLinkTo ?? "",
    deviceMajor: 0,
    deviceMinor: 0,
  };
  switch (entry.kind) {
    case "file":
      return { ...stat, sizeBytes: entry.sizeBytes };
    case "symlink":
      return { ...stat, sizeBytes: encodePath(entry.target).length, link: entry.target };
    case "device":
      return { ...stat, deviceMajor: entry.major, deviceMinor: entry.minor };
    case "directory":
    case "fifo":
      return stat;
  }
}

function typeBitsOf(entry: SyncEntry): number {
  switch (entry.kind) {
    case "file":
      return 0;
    case "directory":
      return GO_DIRECTORY;
    case "symlink":
      return GO_SYMLINK;
    case "fifo":
      return GO_FIFO;
    case "device":
      return entry.type === "character" ? GO_DEVICE | GO_CHARACTER_DEVICE : GO_DEVICE;
  }
}
