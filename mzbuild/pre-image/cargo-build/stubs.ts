/**
 * The files that cargo wants to see to load a workspace, for crates whose sources it isn't given. Cargo infers targets from
 * them, and refuses a manifest whose targets it cannot find.
 * Contract: rust-lang/cargo: src/cargo/util/toml/targets.rs.
 */
import { posix } from "node:path";
import { stringOf, tableOf, tablesOf } from "../../cargo/toml-document.ts";
import type { Crate } from "../../cargo/workspace.ts";

/** Paths relative to the root, sorted. */
export interface Stubs {
  /** Empty files do. */
  readonly libraries: readonly string[];
  /** Files with a `main`. */
  readonly programs: readonly string[];
}

/** Stubs that let cargo load these crates; where their own files are among `files`, also compile all targets of theirs. */
export function stubsOf(crates: readonly Crate[], files: readonly string[] = []): Stubs {
  const found = new Set(files);
  const libraries = new Set<string>();
  const programs = new Set<string>();
  for (const { directory, manifest } of crates) {
    const { table } = manifest.document;
    const at = (path: string): string => posix.join(directory, path);
    libraries.add(at(stringOf(tableOf(table, "lib"), "path") ?? "src/lib.rs"));
    for (const path of [...declaredPrograms(table), ...buildScript(table)]) programs.add(at(path));
    for (const path of ["src/main.rs", "build.rs"]) if (found.has(at(path))) programs.add(at(path));
    const discovered = new RegExp(`^${escapePattern(at(""))}(?:src/bin|examples)/(?:[^/]+\\.rs|[^/]+/main\\.rs)$`);
    for (const path of files) if (discovered.test(path)) programs.add(path);
  }
  return { libraries: inside(libraries), programs: inside(programs) };
}

const DIRECTORIES = { bin: "src/bin", example: "examples", test: "tests", bench: "benches" } as const;

function declaredPrograms(table: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(DIRECTORIES).flatMap(([kind, directory]) =>
    tablesOf(table, kind).map((target) => stringOf(target, "path") ?? `${directory}/${stringOf(target, "name")}.rs`),
  );
}

/** A crate that links to a library must have one. */
function buildScript(table: Readonly<Record<string, unknown>>): readonly string[] {
  const declared = stringOf(tableOf(table, "package"), "build");
  if (declared !== undefined) return [declared];
  return stringOf(tableOf(table, "package"), "links") === undefined ? [] : ["build.rs"];
}

/** Paths outside of the repository cannot be made up. */
function inside(paths: ReadonlySet<string>): readonly string[] {
  return [...paths].filter((path) => !path.startsWith("../")).sort();
}

function escapePattern(directory: string): string {
  const text = directory === "" || directory === "." ? "" : posix.join(directory, "/");
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
