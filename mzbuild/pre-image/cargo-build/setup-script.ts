/** What all steps with cargo begin with, as functions of POSIX shell. */
import { dieFunction } from "../step-failure.ts";
import { CA, CARGO_HOME } from "./layout.ts";
import { shellCommand } from "./shell.ts";
import type { Stubs } from "./stubs.ts";

export const setupScript = `${dieFunction}
die_of_lock_file() {
  die lock-out-of-date "Cargo.lock does not fit the manifests" 'run "cargo update --workspace", and commit Cargo.lock' "$1"
}

# logged LOG COMMAND…: shows what the command writes to standard error and keeps it in LOG; the status is the command's.
logged() {
  log=$1
  shift
  : >"$log.status"
  { { "$@" 2>&1 >&3 3>&- || echo $? >"$log.status"; } | tee "$log" >&2; } 3>&1
  status=$(cat "$log.status")
  return "\${status:-0}"
}

said() { grep -q -e "$1" "$log"; }

need_cargo() {
  command -v cargo >/dev/null || die builder-without-cargo \\
    "the builder image has no cargo in its PATH ($PATH)" \\
    "name an image with a Rust toolchain as builder in mzbuild-settings.yml, or install cargo and rustc in this one"
}

# The image's own configuration stays in force, though CARGO_HOME is another one.
enter_cargo_home() {
  image_home=\${CARGO_HOME:-$HOME/.cargo}
  export CARGO_HOME=${CARGO_HOME}
  mkdir -p "$CARGO_HOME"
  for name in config.toml config; do
    if [ -f "$image_home/$name" ]; then cp "$image_home/$name" "$CARGO_HOME/config.toml"; break; fi
  done
}

# Certificates of the client come as a secret: they are in no layer and no cache key.
trust_ca() {
  [ -s ${CA} ] || return 0
  export CARGO_HTTP_CAINFO=${CA} SSL_CERT_FILE=${CA} CURL_CA_BUNDLE=${CA} GIT_SSL_CAINFO=${CA}
}

# add_stubs TREE TEXT PATH…: files that the crate loads or compiles in place of those that it isn't given.
add_stubs() {
  tree=$1 text=$2
  shift 2
  for stub; do
    if [ -e "$tree/$stub" ]; then continue; fi
    case $stub in */*) [ -d "$tree/\${stub%/*}" ] || mkdir -p "$tree/\${stub%/*}" ;; esac
    echo "$text" >"$tree/$stub"
  done
}
`;

/** Puts stubs into a tree. */
export function stubCommands(tree: string, { libraries, programs }: Stubs): string {
  return `add_stubs ${tree} "" ${shellCommand(libraries)}
add_stubs ${tree} "fn main() {}" ${shellCommand(programs)}`;
}
