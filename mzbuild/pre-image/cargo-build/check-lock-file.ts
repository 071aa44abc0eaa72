/**
 * Whether `Cargo.lock` can fit the manifests, as far as it can be told without the registry: cargo, which is called with `--locked`,
 * would say so only after the builder is there. Versions are for cargo to compare.
 */
import { BuildError } from "../../../llb/index.ts";
import type { LockedPackage } from "../../cargo/lock-file.ts";
import { DEPENDENCY_KINDS } from "../../cargo/manifest.ts";
import { isTable, stringOf, type TomlTable, tableOf } from "../../cargo/toml-document.ts";
import type { Crate, Workspace } from "../../cargo/workspace.ts";
import type { CargoWorld } from "./cargo-world.ts";

/** Throws `BuildError` "lock-out-of-date", at the manifest's line. */
export function checkLockFile({ workspace, sources }: Pick<CargoWorld, "workspace" | "sources">): void {
  const { locked } = sources;
  if (locked === undefined) return;
  for (const crate of workspace.members.values()) {
    const own = locked.get(crate.name);
    if (own === undefined)
      throw outOfDate(crate, crate.name, `Cargo.lock has no ${crate.name}, which is a crate of the workspace`);
    checkVersion(workspace, crate, own);
    for (const name of dependencyNames(workspace, crate)) {
      if (name === crate.name || own.dependencies.has(name)) continue;
      throw outOfDate(crate, name, `Cargo.lock doesn't know that ${crate.name} depends on ${name}`);
    }
  }
}

function checkVersion(workspace: Workspace, crate: Crate, { version }: LockedPackage): void {
  const own = tableOf(crate.manifest.document.table, "package");
  const shared = tableOf(tableOf(workspace.document.table, "workspace"), "package");
  const wanted = stringOf(own, "version") ?? (isTable(own?.["version"]) ? stringOf(shared, "version") : undefined);
  if (wanted === undefined || wanted === version) return;
  throw outOfDate(crate, wanted, `Cargo.lock has ${crate.name} at ${version}, and its manifest is at ${wanted}`);
}

/** The packages that the manifest's dependencies are, of all kinds and platforms: a lock file has them all. */
function dependencyNames(workspace: Workspace, { manifest: { document } }: Crate): readonly string[] {
  const shared = tableOf(tableOf(workspace.document.table, "workspace"), "dependencies");
  const targets = Object.values(tableOf(document.table, "target") ?? {}).filter(isTable);
  return [document.table, ...targets].flatMap((table) =>
    DEPENDENCY_KINDS.flatMap((kind) =>
      Object.entries(tableOf(table, kind) ?? {}).map(([key, entry]) => packageOf(key, entry, shared)),
    ),
  );
}

function packageOf(key: string, entry: unknown, shared: TomlTable | undefined): string {
  if (!isTable(entry)) return key;
  const inherited = entry["workspace"] === true ? shared?.[key] : undefined;
  return stringOf(isTable(inherited) ? inherited : entry, "package") ?? key;
}

function outOfDate({ manifest: { document } }: Crate, word: string, message: string): BuildError {
  return new BuildError("lock-out-of-date", message, {
    at: [document.find(word)],
    hint: "run `cargo update --workspace`, which changes nothing else, and commit Cargo.lock",
  });
}
