/** The version of a crate of the workspace, which images of the main branch are tagged with. */
import { BuildError } from "../../llb/index.ts";
import { stringOf, tableOf } from "../cargo/toml-document.ts";
import type { Workspace } from "../cargo/workspace.ts";
import { didYouMean } from "../nearest-names.ts";

/** Inherited from the workspace where the crate says so. Throws `BuildError` "unknown-crate". */
export function crateVersion(workspace: Workspace | undefined, name: string): string {
  const crate = workspace?.members.get(name);
  if (workspace === undefined || crate === undefined) {
    throw new BuildError("unknown-crate", `there is no crate ${name}, whose version the tags should have`, {
      hint: didYouMean(name, workspace?.members.keys() ?? []) ?? "publish: version-crate in the settings names another",
    });
  }
  const version = stringOf(tableOf(crate.manifest.document.table, "package"), "version");
  const shared = stringOf(tableOf(tableOf(workspace.document.table, "workspace"), "package"), "version");
  return version ?? shared ?? "0.0.0";
}
