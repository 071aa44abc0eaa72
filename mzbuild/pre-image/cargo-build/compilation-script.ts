/**
 * What both runs of `cargo build` share: the sources put in place, the toolchain found, and what cargo is run with, as text of
 * POSIX shell.
 */
import { compileScript } from "./compile-script.ts";
import { SOURCE, SOURCES, WORK } from "./layout.ts";
import { sccacheScript } from "./sccache.ts";
import { setupScript, stubCommands } from "./setup-script.ts";
import { shellCommand, shellWord } from "./shell.ts";
import type { Stubs } from "./stubs.ts";
import { syncSourcesScript } from "./sync-sources-script.ts";
import { unitsScript } from "./units-script.ts";

/** What a run of `cargo build` takes. */
export interface Compilation {
  /** In place of sources that aren't there. */
  readonly stubs: Stubs;
  /** `cargo build` with all but its `--target-dir` and `--message-format`. */
  readonly command: readonly string[];
  /** Arguments that say which artefacts a `cargo clean -p` is about. */
  readonly selection: readonly string[];
  /** The triple of the target. */
  readonly target: string;
  readonly tools: Tools;
  /** Two thirds of the processors, for compilers that take more memory. */
  readonly fewerJobs: boolean;
  readonly sccache: boolean;
}

/** Programs of the target's toolchain, the best one first; the first that the image has is used. */
export interface Tools {
  readonly linker: string | undefined;
  readonly strip: readonly string[];
  readonly objcopy: readonly string[];
}

/** Up to where cargo can be run. */
export function compilationScript(compilation: Compilation): string {
  const { stubs, target, tools, fewerJobs, selection, sccache } = compilation;
  const linker = tools.linker === undefined ? "" : `default_linker ${shellCommand([target, tools.linker])}\n`;
  return `set -eu
umask 022
${setupScript}
${syncSourcesScript}
${unitsScript}
${FUNCTIONS}${compileScript}${sccache ? sccacheScript : ""}
target=${shellWord(target)}
need_cargo
enter_cargo_home
${linker}use_fetched
${stubCommands(SOURCES, stubs)}
sync_sources ${WORK} ${SOURCES}
cd ${SOURCE}
${sccache ? "use_sccache\n" : ""}${fewerJobs ? FEWER_JOBS : ""}selection="${shellCommand(selection)}"`;
}

const FEWER_JOBS = `export CARGO_BUILD_JOBS="\${CARGO_BUILD_JOBS:-$(((2 * $(nproc) + 2) / 3))}"\n`;

const FUNCTIONS = `
# Whoever names a linker for the target knows better than we do; CARGO_HOME has the last word of all of cargo's files.
default_linker() {
  grep -q -s -e "$1" "$CARGO_HOME/config.toml" && return
  printf '\\n[target.%s]\\nlinker = "%s"\\n' "$1" "$2" >>"$CARGO_HOME/config.toml"
}

# Sources are unpacked into the cache mount: its lock keeps other steps away, and the next build finds them there.
use_fetched() {
  mkdir -p ${WORK}/registry-src "$CARGO_HOME/registry"
  ln -sfn ${WORK}/registry-src "$CARGO_HOME/registry/src"
}
`;
