/** The vertices with network: the toolchain that the repository asks for, and the packages that its lock file names. */
import { bindMount, cacheMount, type SourceLocation, type State, secretMount, sshMount } from "../../../llb/index.ts";
import { CA_SECRET, type CargoWorld } from "./cargo-world.ts";
import { fetchScript } from "./fetch-script.ts";
import { CA, DOWNLOADS, FETCHED, SOURCES } from "./layout.ts";
import { runScript, scriptCommand, scriptMount } from "./run-script.ts";
import { stubsOf } from "./stubs.ts";
import { fetchedTriples } from "./toolchain.ts";
import { toolchainScript } from "./toolchain-script.ts";

/** `registry` and `git` of a CARGO_HOME, with what the lock file names. */
export function fetchPackages(
  world: CargoWorld,
  { builder, at }: { readonly builder: State; readonly at: readonly SourceLocation[] },
): State {
  const { sources, access } = world;
  const stubs = stubsOf([...sources.compiled, ...sources.loaded]);
  const script = fetchScript({ stubs, targets: fetchedTriples });
  const agent = access.ssh;
  return runScript(agent === undefined ? builder : builder.env("SSH_AUTH_SOCK", AGENT), script, {
    name: "[cargo] fetch",
    at,
    output: FETCHED,
    // They are in no layer and no cache key, and the steps that run code of packages don't have them.
    secretEnv: [...access.secrets].map(([name, id]) => ({ name, id, optional: false })),
    mounts: [
      bindMount(SOURCES, manifestFiles(world)),
      cacheMount(DOWNLOADS, "mzbuild/cargo-downloads"),
      secretMount(CA, CA_SECRET, { optional: true }),
      ...(agent === undefined ? [] : [sshMount(AGENT, { id: agent })]),
    ],
  });
}

const AGENT = "/mzbuild/ssh-agent";

/** The builder, with the toolchain that the repository's rust-toolchain file asks for, where rustup can bring it. */
export function withToolchain({ builder, sources, files, flags }: CargoWorld, at: readonly SourceLocation[]): State {
  const names = sources.configuration.filter((path) => /^rust-toolchain(?:\.toml)?$/.test(path));
  // As for rustup, a toolchain that the environment names overrules the file.
  if (names.length === 0 || flags.env.has("RUSTUP_TOOLCHAIN")) return builder;
  return builder.run(scriptCommand, {
    name: `[cargo] toolchain of ${names.join(", ")}`,
    at,
    mounts: [
      scriptMount(toolchainScript(fetchedTriples)),
      bindMount(SOURCES, files(names, { owner: "cargo", what: "rust-toolchain" })),
      secretMount(CA, CA_SECRET, { optional: true }),
    ],
  }).root;
}

/** What cargo reads to know the workspace and its dependencies. */
export function manifestFiles({ files, sources }: CargoWorld): State {
  return files([...sources.manifests, ...sources.configuration], { owner: "cargo", what: "manifests" });
}
