/**
 * Sees to the toolchain that a rust-toolchain file names: installs it where the builder has rustup, else makes sure that the
 * builder's own is the one.
 * Contract: rust-lang/rustup: doc/user-guide/src/overrides.md.
 */
import { SOURCES } from "./layout.ts";
import { setupScript } from "./setup-script.ts";
import { shellCommand } from "./shell.ts";

/** `targets` are the triples whose standard libraries are wanted. */
export function toolchainScript(targets: readonly string[]): string {
  return `set -eu
${setupScript}${toolchainFunctions}
need_cargo
cd ${SOURCES}
if command -v rustup >/dev/null; then
  trust_ca
  install_toolchain ${shellCommand(targets)}
elif [ -n "\${RUSTUP_TOOLCHAIN:-}" ]; then
  echo "mzbuild: RUSTUP_TOOLCHAIN is set, so it is not the file that decides" >&2
else
  check_toolchain "$(named_channel)" "$(rustc --version)"
fi
`;
}

/** Exported for tests. */
export const toolchainFunctions = `
install_toolchain() {
  rustup show active-toolchain >/dev/null 2>&1 || rustup toolchain install ||
    die toolchain-not-installed "rustup could not install $(named_channel), which the rust-toolchain file names" ""
  # A toolchain of one's own takes no targets: it has them, or the build says that one is missing.
  rustup target add "$@" || echo "mzbuild: warning: rustup could not add the targets $*" >&2
}

# The channel that a file in the current directory names: a word of its own, or of a table.
named_channel() {
  for file in rust-toolchain rust-toolchain.toml; do
    [ -e $file ] || continue
    channel=$(sed -n 's/^[[:space:]]*channel[[:space:]]*=[[:space:]]*["'\\'']\\([^"'\\'']*\\)["'\\''].*/\\1/p' $file | head -n 1)
    if [ -z "$channel" ] && ! grep -q = $file; then channel=$(head -n 1 $file | tr -d '[:space:]'); fi
    echo "$channel"
    return
  done
}

# check_toolchain CHANNEL VERSION: whether what rustc --version says is of that channel. "1.85" is also 1.85.1; a date of a nightly or
# the triple that may follow a channel is not compared.
check_toolchain() {
  release=\${2#rustc }
  release=\${release%% *}
  case $1 in
    '') return ;;
    stable*) case $release in *-*) ;; *) return ;; esac ;;
    beta*) case $release in *-beta*) return ;; esac ;;
    nightly*) case $release in *-nightly*) return ;; esac ;;
    [0-9]*)
      wanted=\${1%%-*}
      case $release in "$wanted" | "$wanted".*) return ;; esac ;;
    *) return ;;
  esac
  die toolchain-differs "the repository's rust-toolchain file names $1, and the builder image has $2 and no rustup" \\
    "take a builder with that toolchain or with rustup; or overrule the file: cargo: {env: {RUSTUP_TOOLCHAIN: system}} in mzbuild-settings.yml"
}
`;
