/**
 * Running cargo, and what becomes of its failures, as functions of POSIX shell. Cargo's words are matched: what they don't tell
 * ends as "cargo-failed", after all that cargo said itself.
 * Contract: rust-lang/cargo 1.85 to 1.95: src/cargo/core/compiler, src/cargo/ops/resolve.rs; rust-lang/rust: compiler/rustc_driver_impl.
 */
import { TARGET, WORK } from "./layout.ts";

export const compileScript = `
run_cargo() {
  logged ${WORK}/log "$@" --message-format=json-render-diagnostics --target-dir ${TARGET} >${WORK}/messages
}

# The crates that did not compile, in one line.
failed_crates() { sed -n 's/.*could not compile \`\\([^\`]*\\)\`.*/\\1/p' "$log" | sort -u | tr '\\n' ' '; }

quoted() { for word; do printf ' \`%s\`' "$word"; done; }

# The compiler's own words, or cargo's when it was a signal; not those of a build script that a signal ended.
crashed() {
  said 'internal compiler error' || said 'compiler unexpectedly panicked' || said 'rustc .*(signal: \\(11\\|7\\|6\\|4\\),'
}

# Also what comes of a crate that was compiled upon the broken remains of an earlier run.
maybe_broken_state() { crashed || said 'ld\\.lld: error: undefined symbol'; }

# compile COMMAND…: a compiler that crashes often does so over what it left of an earlier run, so the crate gets a second chance
# without that.
compile() {
  run_cargo "$@" && return
  maybe_broken_state || explain "$status"
  crates=$(failed_crates)
  [ -n "$crates" ] || explain "$status"
  echo "mzbuild: the compiler crashed; trying again from a clean state of: $crates" >&2
  for crate in $crates; do cargo clean --offline --locked --target-dir ${TARGET} -p "$crate" $selection; done
  run_cargo "$@" && return
  if crashed; then
    query_stack >&2
    die compiler-crashed "the compiler crashed on$(quoted $(failed_crates)), twice in a row" \\
      "this is a defect of rustc, $(rustc --version): the message and the query stack above are for a report to it" "$status"
  fi
  explain "$status"
}

# What the compiler was computing, once more at the end, however much cargo has said since.
query_stack() { sed -n '/^query stack during panic/,/^end of query stack/p' "$log"; }

# Ends the step where the fault is the builder's or the machine's; returns where it is the sources'.
explain_surroundings() {
  if [ "$1" = 137 ] || said 'signal: 9, SIGKILL' || said 'Killed signal terminated program' || said 'terminated with signal 9'; then
    die out-of-memory "the compiler was killed$(crate_note), as happens when memory runs out" \\
      'give the engine more memory, or set fewer jobs in the settings: cargo: {env: {CARGO_BUILD_JOBS: "2"}}' "$1"
  elif said 'target may not be installed'; then
    die missing-target "the builder's toolchain, $(rustc --version), has no standard library for $target" \\
      "put it into the builder image: rustup target add $target, or of Debian's packages libstd-rust-dev:ARCH" "$1"
  elif said 'linker .* not found'; then
    die missing-linker "the builder image lacks$(named 'linker \`\\([^\`]*\\)\` not found'), the linker for $target" \\
      "of Debian's packages: gcc, or gcc-ARCH-linux-gnu with libc6-dev-ARCH-cross for another platform" "$1"
  elif said 'failed to find tool'; then
    die missing-c-compiler "the builder image lacks$(named 'failed to find tool "\\([^"]*\\)"'), which a build script runs" \\
      "install it in the builder image, or name another in the settings: cargo: {env: {CC: …}}" "$1"
  fi
}

crate_note() { crates=$(failed_crates); [ -z "$crates" ] || echo " at$(quoted $crates)"; }

# What the log names, by a pattern with one group.
named() { quoted "$(sed -n "s/.*$1.*/\\\\1/p" "$log" | head -n 1)"; }

# What the compiler says, and most build scripts: of a file, say, that is in the repository but in none of the crates.
missing_file_note() {
  if said 'No such file or directory (os error 2)'; then
    echo "Cargo is given the files of the crates; name others of the repository in the settings: cargo: {inputs: [PATH]}"
  fi
}

explain() {
  explain_surroundings "$1"
  if said '--locked was passed'; then die_of_lock_file "$1"; fi
  if said 'profile .* is not defined'; then
    die missing-profile "the workspace's Cargo.toml does not define the profile that is asked for" "" "$1"
  fi
  crates=$(failed_crates)
  note=$(missing_file_note)
  if [ -n "$crates" ]; then die cargo-failed "could not compile$(quoted $crates)" "$note" "$1"; fi
  die cargo-failed "cargo ended with status $1" "$note" "$1"
}
`;
