/**
 * The files that cargo wants to see to load a workspace, whose contents only matter for what is compiled. Cargo infers targets
 * from them, and refuses a manifest whose targets it cannot find.
 * Contract: rust-lang/cargo: src/cargo/util/toml/targets.rs.
 */
import { posix } from "node:path";
import { stringOf, tableOf, tablesOf } from "../../cargo/toml-document.ts";
import type { Crate } from "../../cargo/workspace.ts";

/** Paths relative to the root, sorted; empty files there let cargo load these crates. */
export function stubFiles(crates: readonly Crate[]): readonly string[] {
  const paths = crates.flatMap((crate) => targetFiles(crate).map((path) => posix.join(crate.directory, path)));
  return [...new Set(paths)].filter((path) => !path.startsWith("../")).sort();
}

const directories = { bin: "src/bin", example: "examples", test: "tests", bench: "benches" } as const;

function targetFiles({ manifest }: Crate): readonly string[] {
  const { table } = manifest.document;
  const declared = Object.entries(directories).flatMap(([kind, directory]) =>
    tablesOf(table, kind).map((target) => stringOf(target, "path") ?? `${directory}/${stringOf(target, "name")}.rs`),
  );
  return [stringOf(tableOf(table, "lib"), "path") ?? "src/lib.rs", ...declared];
}
