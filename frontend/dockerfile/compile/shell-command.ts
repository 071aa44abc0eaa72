/** A command in the shell of the stage. */
import type { ConfigDraft } from "./config-draft.ts";

const unixShell = ["/bin/sh", "-c"];
const windowsShell = ["cmd", "/S", "/C"];

export function withShell(image: ConfigDraft, args: readonly string[]): string[] {
  const { shell } = image.config;
  const known = shell.length > 0 ? shell : image.platform.os === "windows" ? windowsShell : unixShell;
  return [...known, args.join(" ")];
}
