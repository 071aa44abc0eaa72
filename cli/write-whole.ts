import { renameSync, writeFileSync } from "node:fs";

/** The file appears whole or not at all. Throws as `node:fs`. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}
