/**
 * Whether the crates have the features that steps turn on. What may be a feature of a dependency is left to cargo.
 * Contract: rust-lang/cargo: src/doc/src/reference/features.md, "Command line feature options".
 */
import { BuildError } from "../../../llb/index.ts";
import { DEPENDENCY_KINDS } from "../../cargo/manifest.ts";
import { isTable, tableOf } from "../../cargo/toml-document.ts";
import type { Crate } from "../../cargo/workspace.ts";
import type { CargoBuildPreImage, Located } from "../../image.ts";
import { didYouMean } from "../../nearest-names.ts";
import type { CargoWorld } from "./cargo-world.ts";

/** Throws `BuildError` "unknown-feature" at the feature's place. */
export function checkFeatures({ workspace, sources }: CargoWorld, steps: readonly CargoBuildPreImage[]): void {
  const selected = [...workspace.members.values()].filter(({ name }) => sources.packages.includes(name));
  for (const written of steps.flatMap(({ features }) => features)) {
    // One string may have several, as for cargo.
    for (const feature of written.value.split(/[\s,]+/).filter((text) => text !== "")) {
      const [owner, name] = feature.split("/", 2);
      if (name === undefined) checkOwn(written, feature, selected);
      else {
        const crate = workspace.members.get(owner ?? "");
        if (crate !== undefined) checkOwn(written, name, [crate]);
      }
    }
  }
}

function checkOwn({ at, value }: Located<string>, feature: string, crates: readonly Crate[]): void {
  const known = new Set(crates.flatMap(featuresOf));
  if (feature === "default" || known.has(feature)) return;
  const owners = crates.map(({ name }) => name).join(", ");
  const whole = value.includes("/") ? [...known].map((name) => `${crates[0]?.name}/${name}`) : [...known];
  throw new BuildError("unknown-feature", `${owners} has no feature ${feature}`, {
    at: [at],
    hint:
      didYouMean(value, whole) ?? (known.size === 0 ? `${owners} has no features` : `there are: ${whole.join(", ")}`),
  });
}

/** Those of the table, and optional dependencies, which are features by their names. */
function featuresOf({ manifest: { document } }: Crate): readonly string[] {
  const targets = Object.values(tableOf(document.table, "target") ?? {}).filter(isTable);
  const optional = [document.table, ...targets].flatMap((table) =>
    DEPENDENCY_KINDS.flatMap((kind) =>
      Object.entries(tableOf(table, kind) ?? {}).flatMap(([key, entry]) =>
        isTable(entry) && entry["optional"] === true ? [key] : [],
      ),
    ),
  );
  return [...Object.keys(tableOf(document.table, "features") ?? {}), ...optional];
}
