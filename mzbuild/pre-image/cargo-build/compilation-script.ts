/**
 * What both runs of `cargo build` share: the sources put in place, the toolchain found, and what becomes of failures, as text of
 * POSIX shell.
 */
import { SOURCE, SOURCES, TARGET, WORK } from "./layout.ts";
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
${functions}${sccache ? sccacheScript : ""}
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

const functions = `
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

run_cargo() {
  logged ${WORK}/log "$@" --message-format=json-render-diagnostics --target-dir ${TARGET} >${WORK}/messages
}

crashed() { said 'internal compiler error' || said 'compiler unexpectedly panicked' || said 'signal: 11, SIGSEGV'; }

# A compiler that crashes often does so over what it left of an earlier run, so the crate gets a second chance without that.
compile() {
  run_cargo "$@" && return
  crashed || explain "$status"
  crates=$(sed -n 's/.*could not compile \`\\([^\`]*\\)\`.*/\\1/p' "$log" | sort -u)
  echo "mzbuild: the compiler crashed; trying again from a clean state of:" $crates >&2
  for crate in $crates; do cargo clean --offline --locked --target-dir ${TARGET} -p "$crate" $selection; done
  run_cargo "$@" && return
  if crashed; then
    die compiler-crashed "the compiler crashed twice in a row; the messages above, query stack included, are for a report" "$status"
  fi
  explain "$status"
}

explain() {
  if said 'signal: 9, SIGKILL' || [ "$1" = 137 ]; then
    die out-of-memory "the compiler was killed, as happens when memory runs out; give the builder more, or set fewer jobs" "$1"
  elif said '--locked was passed'; then
    die lock-out-of-date 'Cargo.lock does not fit the manifests; run "cargo update --workspace" and commit the result' "$1"
  elif said 'target may not be installed'; then
    die missing-target "the builder image's toolchain has no standard library for $target" "$1"
  elif said 'linker .* not found'; then
    die missing-linker "the builder image has no linker for $target" "$1"
  elif said 'profile .* is not defined'; then
    die missing-profile "the workspace's Cargo.toml does not define the profile that is asked for" "$1"
  fi
  die cargo-failed "cargo ended with status $1" "$1"
}
`;
