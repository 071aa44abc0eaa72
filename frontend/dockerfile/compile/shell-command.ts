/** A command in the shell of the stage. */
import type { ConfigDraft } from "./config-draft.ts";

const UNIX_SHELL = ["/bin/sh", "-c"];
const WINDOWS_SHELL = ["cmd", "/S", "/C"];

export function withShell(image: ConfigDraft, args: readonly string[]): string[] {
  const { shell } = image.config;
  const known = shell.length > 0 ? shell : image.platform.os === "windows" ? WINDOWS_SHELL : UNIX_SHELL;
  return [...known, args.join(" ")];
}
