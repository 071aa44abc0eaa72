/**
 * The vertices of the cargo step. docs/cargo.md draws them.
 *
 *     toolchain     only with a rust-toolchain file: the builder, with what the file names
 *     fetch         manifests and lock file in, downloads out; has the network
 *     dependencies  the same and downloads in, compiled dependencies out; has no network
 *     build         sources, downloads, compiled dependencies in, programs out; has no network
 *
 * The last two have the network where sccache's cache is somewhere else.
 */
import { createHash } from "node:crypto";
import { bindMount, cacheMount, type Mount, type SourceLocation, type State } from "../../../llb/index.ts";
import type { CargoBuildPreImage } from "../../image.ts";
import { formatVariant } from "../../variant.ts";
import { buildScript, type Extract, type Program } from "./build-script.ts";
import { cargoCommand, profileDirectory, rustflagsOf } from "./cargo-command.ts";
import type { CargoWorld } from "./cargo-world.ts";
import type { Compilation } from "./compilation-script.ts";
import { dependenciesScript } from "./dependencies-script.ts";
import { fetchPackages, manifestFiles, withToolchain } from "./fetch-vertices.ts";
import { CARGO_HOME, DEPENDENCIES, OUT, SOURCES, WORK } from "./layout.ts";
import { runScript } from "./run-script.ts";
import { sccacheOptions, withSccache } from "./sccache.ts";
import { stubsOf } from "./stubs.ts";
import { compilerVariables, rustTriple, toolsFor } from "./toolchain.ts";

/** What is to come out, and whose wish that is. */
export interface Wanted {
  readonly steps: readonly CargoBuildPreImage[];
  readonly programs: readonly Program[];
  readonly extracts: readonly Extract[];
  readonly at: readonly SourceLocation[];
}

/** The tree of programs and extracted files that {@link buildScript} describes. */
export function cargoOutputs(world: CargoWorld, wanted: Wanted): State {
  const { steps, at } = wanted;
  const builder = withToolchain(world, at);
  const { sources, variant } = world;
  const fetched = fetchPackages(world, { builder, at });
  const dependencies = compileDependencies(world, wanted, { builder, fetched });
  const script = buildScript({
    programs: wanted.programs,
    extracts: wanted.extracts,
    ...compilation(world, steps),
    stubs: stubsOf(sources.loaded),
    directory: profileDirectory[variant.profile],
  });
  const access = sccacheOptions(world.access.sccache);
  const paths = new Set([...sources.files, ...sources.manifests, ...sources.configuration]);
  return runScript(builderWithFlags(world, builder), script, {
    name: `[cargo] build ${wanted.programs.map(({ path }) => path).join(" ")} (${formatVariant(variant)})`,
    at,
    output: OUT,
    ...access,
    mounts: [
      ...access.mounts,
      ...inputMounts(world.files([...paths], { owner: "cargo", what: "sources" }), fetched),
      { ...bindMount(DEPENDENCIES, dependencies), contentCache: "off" },
      cacheMount(WORK, workId(world), { sharing: "locked" }),
    ],
  });
}

/** Compiled dependencies, from manifests and lock file alone: what a machine that has compiled nothing yet can begin with. */
function compileDependencies(
  world: CargoWorld,
  { steps, at }: Wanted,
  { builder, fetched }: { readonly builder: State; readonly fetched: State },
): State {
  const { sources, variant } = world;
  const script = dependenciesScript({
    ...compilation(world, steps),
    stubs: stubsOf([...sources.compiled, ...sources.loaded], sources.files),
  });
  const access = sccacheOptions(world.access.sccache);
  return runScript(builderWithFlags(world, builder), script, {
    name: `[cargo] build dependencies (${formatVariant(variant)})`,
    at,
    output: DEPENDENCIES,
    ...access,
    mounts: [
      ...access.mounts,
      ...inputMounts(manifestFiles(world), fetched),
      cacheMount(WORK, `${workId(world)}/dependencies`, { sharing: "locked" }),
    ],
  });
}

function compilation(
  { variant, buildArchitecture, sources, access }: CargoWorld,
  steps: readonly CargoBuildPreImage[],
): Omit<Compilation, "stubs"> {
  const { build, selection } = cargoCommand(steps, variant, sources.packages);
  return {
    command: build,
    selection,
    target: rustTriple(variant.architecture),
    tools: toolsFor(variant.architecture, buildArchitecture),
    fewerJobs: variant.sanitizer !== "none",
    sccache: access.sccache !== undefined,
  };
}

/** Both are written to, and what is written there is lost. Of downloads, the lock file says what they contain. */
function inputMounts(files: State, fetched: State): readonly Mount[] {
  return [
    bindMount(SOURCES, files, { writable: true, output: false }),
    { ...bindMount(CARGO_HOME, fetched, { writable: true, output: false }), contentCache: "off" },
  ];
}

/** What the settings set comes last, so that it replaces what we take for granted. */
function builderWithFlags({ variant, buildArchitecture, flags, access }: CargoWorld, builder: State): State {
  const rustflags = rustflagsOf(variant, flags);
  const variables = new Map([
    ["CARGO_TERM_COLOR", "always"],
    ["CARGO_TERM_PROGRESS_WHEN", "never"],
    // Where cargo keeps rustc's answers, it tells compilers apart by path and time: those of images may be equal.
    ["CARGO_CACHE_RUSTC_INFO", "0"],
    ...[...compilerVariables(variant.architecture, buildArchitecture)].filter(([name]) => !builder.getEnv(name)),
    ...(rustflags === undefined ? [] : ([["RUSTFLAGS", rustflags]] as const)),
    ...flags.env,
  ]);
  let state = builder;
  for (const [name, value] of variables) state = state.env(name, value);
  return withSccache(state, access.sccache);
}

/**
 * Artefacts are shared by whatever cargo itself tells apart, by content or by its own fingerprints, and by nothing else: not by
 * other toolchains, targets, profiles and flags.
 */
function workId(world: CargoWorld): string {
  const { repositoryId, builderKey, variant, flags, buildArchitecture } = world;
  const facts = JSON.stringify([builderKey, buildArchitecture, flags.rustflags, [...flags.env].sort()]);
  const key = createHash("sha256").update(facts).digest("hex").slice(0, 16);
  return `mzbuild/cargo/${repositoryId}/${formatVariant(variant)}/${key}`;
}
