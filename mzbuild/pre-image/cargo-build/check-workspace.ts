/** What would fail in the builder, told before anything runs. */
import { posix } from "node:path";
import { BuildError } from "../../../llb/index.ts";
import { dependencyDirectory, isOutside } from "../../cargo/closure.ts";
import type { PathDependency } from "../../cargo/manifest.ts";
import { isTable, stringOf, tableOf } from "../../cargo/toml-document.ts";
import type { Crate, Workspace } from "../../cargo/workspace.ts";
import type { CargoWorld } from "./cargo-world.ts";

/** Throws `BuildError` "missing-file" without a lock file, "missing-profile", "path-patch". */
export function checkWorkspace({ workspace, sources, variant }: CargoWorld): void {
  const { document, profiles } = workspace;
  if (!sources.configuration.includes("Cargo.lock")) {
    throw new BuildError("missing-file", "Cargo.lock not found", {
      at: [document.find("workspace")],
      hint: "builds are made with the versions of a lock file: run `cargo generate-lockfile`, and commit it",
    });
  }
  if (variant.profile === "optimized" && !profiles.includes("optimized")) {
    throw new BuildError("missing-profile", `${document.file} defines no profile "optimized"`, {
      at: [document.find("profile", "workspace")],
      hint: 'add it: [profile.optimized] with inherits = "release", or build with --dev or --release',
    });
  }
  const [patch] = pathPatches(workspace);
  if (patch !== undefined) {
    throw new BuildError("path-patch", `${document.file} replaces a dependency by the crate at ${patch}`, {
      at: [document.find(patch)],
      hint: "builds follow [patch] to versions and to git repositories, not to directories",
    });
  }
}

/** Dependencies would have to be compiled with the workspace's own sources, which `dependencies` doesn't have. */
function pathPatches({ document: { table } }: Workspace): readonly string[] {
  const tables = [...Object.values(tableOf(table, "patch") ?? {}), table["replace"]].filter(isTable);
  const entries = tables.flatMap((each) => Object.values(each)).filter(isTable);
  return entries.flatMap((entry) => stringOf(entry, "path") ?? []);
}

/**
 * Throws `BuildError` "crate-outside" for a path dependency that leaves the repository, "crate-not-listed" and "root-crate" for
 * crates without files.
 */
export function checkCrates({ sources, workspace }: CargoWorld): void {
  for (const crate of [...sources.compiled, ...sources.loaded]) {
    for (const dependency of crate.manifest.pathDependencies) {
      const directory = dependencyDirectory(workspace, crate, dependency);
      if (directory !== undefined && isOutside(directory)) throw crateOutside(workspace, crate, dependency, directory);
    }
  }
  const files = new Set(sources.files);
  for (const { directory, manifest } of sources.compiled) {
    if (directory === "") throw rootCrate(manifest);
    if (files.has(posix.join(directory, "Cargo.toml"))) continue;
    throw new BuildError(
      "crate-not-listed",
      `${directory}, which has crate ${manifest.name}, is not among the repository's files`,
      {
        at: [workspace.document.find(directory, posix.basename(directory))],
        hint: "it is ignored by git, or a symbolic link; make it a directory of the repository",
      },
    );
  }
}

function crateOutside(
  workspace: Workspace,
  { name, manifest }: Crate,
  dependency: PathDependency,
  directory: string,
): BuildError {
  const [path, document] =
    dependency.from === "path" ? [dependency.path, manifest.document] : [directory, workspace.document];
  return new BuildError("crate-outside", `${path}, a dependency of ${name}, is outside of the repository`, {
    at: [document.find(path)],
    hint: "builds only see the repository: move the crate into it, or depend on it by version or by git",
  });
}

/** The format gives such a crate no files, so that no change of them would make another fingerprint. docs/format.md, "Files of a crate". */
function rootCrate({ name, document }: Crate["manifest"]): BuildError {
  return new BuildError(
    "root-crate",
    `${name} is at the repository's root, and programs cannot be built of crates there`,
    {
      at: [document.find(name)],
      hint: "move the crate into a directory of its own, and leave the [workspace] at the root",
    },
  );
}
