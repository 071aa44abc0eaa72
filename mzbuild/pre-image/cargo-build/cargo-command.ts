/** The one `cargo build` for all programs of a solve. docs/format.md, "Cargo builds". */
import { sortedByCodePoint } from "../../code-point-order.ts";
import type { CargoBuildPreImage } from "../../image.ts";
import type { CargoFlags } from "../../settings/settings.ts";
import type { Profile, Variant } from "../../variant.ts";
import { rustTriple } from "./toolchain.ts";

/** The directory that cargo gives a profile in the target directory. */
export const profileDirectory = {
  dev: "debug",
  optimized: "optimized",
  release: "release",
} as const satisfies Record<Profile, string>;

const PROFILE_ARGUMENTS = {
  dev: [],
  optimized: ["--profile", "optimized"],
  release: ["--release"],
} as const satisfies Record<Profile, readonly string[]>;

export interface CargoCommand {
  readonly build: readonly string[];
  /** What of it says which artefacts are concerned. */
  readonly selection: readonly string[];
}

/** Everything is sorted, so that the same programs give the same command whatever the order of images. */
export function cargoCommand(
  steps: readonly CargoBuildPreImage[],
  variant: Variant,
  packages: readonly string[],
): CargoCommand {
  const union = (pick: (step: CargoBuildPreImage) => readonly { readonly value: string }[]): readonly string[] =>
    sortedByCodePoint(new Set(steps.flatMap((step) => pick(step).map(({ value }) => value))));
  const features = union(({ features }) => features);
  const selection = ["--target", rustTriple(variant.architecture), ...PROFILE_ARGUMENTS[variant.profile]];
  return {
    selection,
    build: [
      ...["cargo", "build", "--locked", "--offline", ...selection],
      ...union(({ bins }) => bins).flatMap((name) => ["--bin", name]),
      ...union(({ examples }) => examples).flatMap((name) => ["--example", name]),
      ...sortedByCodePoint(packages).map((name) => `--package=${name}`),
      ...(variant.sanitizer === "none" ? [] : ["--no-default-features"]),
      ...(features.length === 0 ? [] : [`--features=${features.join(",")}`]),
    ],
  };
}

/**
 * `RUSTFLAGS`, or undefined to leave them to cargo's own configuration, which they would replace. A variant that the settings
 * say nothing about gets what it cannot do without.
 */
export function rustflagsOf({ coverage, sanitizer }: Variant, { rustflags }: CargoFlags): string | undefined {
  const has = (flag: string): boolean => rustflags.some((each) => each.includes(flag));
  const flags = [
    ...(coverage && !has("instrument-coverage")
      ? ["-Cinstrument-coverage", "-Cllvm-args=-runtime-counter-relocation"]
      : []),
    ...(sanitizer !== "none" && !has("sanitizer=") ? [`-Zsanitizer=${sanitizer}`] : []),
    ...rustflags,
  ];
  return flags.length === 0 ? undefined : flags.join(" ");
}
