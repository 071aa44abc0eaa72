/** Installs what a rust-toolchain file names, where the builder has rustup. */
import { SOURCES } from "./layout.ts";
import { setupScript } from "./setup-script.ts";
import { shellCommand } from "./shell.ts";

/** `targets` are the triples whose standard libraries are wanted. */
export function toolchainScript(targets: readonly string[]): string {
  return `set -eu
${setupScript}
if ! command -v rustup >/dev/null; then
  echo "mzbuild: the builder has no rustup, so its own toolchain is used, whatever rust-toolchain says" >&2
  exit 0
fi
trust_ca
cd ${SOURCES}
rustup show active-toolchain >/dev/null 2>&1 || rustup toolchain install
rustup target add ${shellCommand(targets)}
`;
}
