/** A directory that holds one file, made up in memory. */
import type { SyncTree } from "../../../client/index.ts";

export function singleFile(name: string, bytes: Uint8Array): SyncTree {
  return {
    list: (directory) => (directory === "" ? [{ name, isDirectory: false }] : []),
    stat: (path) => {
      if (path === "") return { kind: "directory", permissions: 0o755, mtimeNs: 0n };
      if (path !== name) return undefined;
      return { kind: "file", permissions: 0o644, mtimeNs: 0n, sizeBytes: bytes.length, identity: undefined };
    },
    read: (path) => (path === name ? bytes : undefined),
  };
}
