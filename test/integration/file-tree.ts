import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Path, mode, time in seconds, kind and content of everything below a directory, one line each, to compare trees by. */
export function describeTree(directory: string): string[] {
  return walk(Buffer.from(directory)).map((path) => {
    const stat = lstatSync(path);
    const name = path.subarray(Buffer.byteLength(directory) + 1).toString("latin1");
    const head = `${name} ${(stat.mode & 0o7777).toString(8)} ${Math.floor(stat.mtimeMs / 1000)}`;
    if (stat.isDirectory()) return `${head} directory`;
    if (stat.isSymbolicLink()) return `${head} -> ${readlinkSync(path, "buffer").toString("latin1")}`;
    if (!stat.isFile()) return `${head} special`;
    return `${head} ${stat.nlink} ${stat.size} ${readFileSync(path).subarray(0, 80).toString("latin1")}`;
  });
}

/** All paths below a directory, in the order of a walk. Symlinks are not followed. */
export function pathsIn(directory: string): string[] {
  return walk(Buffer.from(directory)).map((path) => path.subarray(Buffer.byteLength(directory) + 1).toString());
}

/** The text of a file below a directory. */
export function textOf(directory: string, path: string): string {
  return readFileSync(join(directory, path), "utf8");
}

function walk(directory: Buffer): Buffer[] {
  const names = readdirSync(directory, { encoding: "buffer" }).sort((a, b) => a.compare(b));
  return names.flatMap((name) => {
    const path = Buffer.concat([directory, Buffer.from("/"), name]);
    return [path, ...(lstatSync(path).isDirectory() ? walk(path) : [])];
  });
}
