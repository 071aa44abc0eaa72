/**
 * A name for the repository among all that a daemon serves, made of what is in it: by whatever way its files reach the daemon and
 * wherever they lie, the steps of its Cargo programs are the same, and have the same caches. What a cache holds is brought
 * in line by content, so that checkouts may share one; docs/cargo.md, "Never a stale program".
 */
import { createHash } from "node:crypto";
import type { Repository } from "./repository.ts";

/** Changes with the names that the settings give to images, and with the first crate of the workspace, but not with more crates. */
export function repositoryId({ settings, workspace }: Pick<Repository, "settings" | "workspace">): string {
  const [first = ""] = workspace?.members.keys() ?? [];
  const facts = JSON.stringify([settings.registry, settings.imagePrefix, first]);
  const hash = createHash("sha256").update(facts).digest("hex").slice(0, 8);
  return first === "" ? hash : `${first}-${hash}`;
}
