/**
 * What of a crate's `Cargo.toml` the format looks at, which is less than Cargo does. docs/format.md, "A crate".
 * The dependencies that only Cargo follows are kept apart: the build needs their sources, the fingerprint ignores them.
 */
import { BuildError } from "../../llb/index.ts";
import { isTable, stringOf, type TomlDocument, type TomlTable, tableOf, tablesOf } from "./toml-document.ts";

export interface Manifest {
  readonly document: TomlDocument;
  readonly name: string;
  /** Names of packages, from the entries with a `path`, in the order of the file. */
  readonly dependencies: Readonly<Record<DependencyKind, readonly string[]>>;
  /** Every entry that can lead Cargo to another directory. */
  readonly pathDependencies: readonly PathDependency[];
  readonly bins: DeclaredTargets;
  readonly examples: DeclaredTargets;
}

export type DependencyKind = "dependencies" | "build-dependencies" | "dev-dependencies";
export const DEPENDENCY_KINDS = ["dependencies", "build-dependencies", "dev-dependencies"] as const;

export type PathDependency =
  /** `path` is relative to the crate's directory. */
  | { readonly kind: DependencyKind; readonly from: "path"; readonly path: string }
  /** `workspace = true`: the workspace's table says where `key` is. */
  | { readonly kind: DependencyKind; readonly from: "workspace"; readonly key: string };

export interface DeclaredTargets {
  /** The names of `[[bin]]` or `[[example]]`. */
  readonly names: readonly string[];
  /** Whether files in the usual places make targets, too. */
  readonly discover: boolean;
}

/** Throws `BuildError` "bad-cargo-manifest". */
export function readManifest(document: TomlDocument): Manifest {
  const { table } = document;
  const pkg = tableOf(table, "package");
  const name = stringOf(pkg, "name");
  if (name === undefined) throw missing(document, "package.name");
  if (pkg?.["version"] === undefined) throw missing(document, "package.version");
  return {
    document,
    name,
    dependencies: {
      dependencies: pathDependencyNames(table, "dependencies"),
      "build-dependencies": pathDependencyNames(table, "build-dependencies"),
      "dev-dependencies": pathDependencyNames(table, "dev-dependencies"),
    },
    pathDependencies: [table, ...targetTables(table)].flatMap(pathDependenciesIn),
    bins: declaredTargets(document, pkg, "bin"),
    examples: declaredTargets(document, pkg, "example"),
  };
}

function pathDependencyNames(table: TomlTable, kind: DependencyKind): readonly string[] {
  return Object.entries(tableOf(table, kind) ?? {}).flatMap(([key, value]) => {
    return isTable(value) && "path" in value ? [stringOf(value, "package") ?? key] : [];
  });
}

function targetTables(table: TomlTable): readonly TomlTable[] {
  return Object.values(tableOf(table, "target") ?? {}).filter(isTable);
}

function pathDependenciesIn(table: TomlTable): readonly PathDependency[] {
  return DEPENDENCY_KINDS.flatMap((kind) => {
    return Object.entries(tableOf(table, kind) ?? {}).flatMap(([key, value]): readonly PathDependency[] => {
      if (!isTable(value)) return [];
      const path = stringOf(value, "path");
      if (path !== undefined) return [{ kind, from: "path", path }];
      return value["workspace"] === true ? [{ kind, from: "workspace", key }] : [];
    });
  });
}

function declaredTargets(document: TomlDocument, pkg: TomlTable | undefined, kind: "bin" | "example"): DeclaredTargets {
  const names = tablesOf(document.table, kind).map((target) => {
    const name = stringOf(target, "name");
    if (name === undefined) throw missing(document, `${kind}.name`, `[[${kind}]]`);
    return name;
  });
  return { names, discover: pkg?.[`auto${kind}s`] !== false };
}

function missing(document: TomlDocument, what: string, near = "[package]"): BuildError {
  return new BuildError("bad-cargo-manifest", `${document.file} has no ${what}`, {
    at: [document.find(near.replace(/[[\]]/g, ""))],
    hint: "every crate of the workspace needs a [package] with a name and a version",
  });
}
