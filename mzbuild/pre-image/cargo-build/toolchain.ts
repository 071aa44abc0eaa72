/** What compiling for a target takes, as Debian and most other distributions name it. */
import type { Architecture } from "../../variant.ts";
import type { Tools } from "./compilation-script.ts";

export function rustTriple(architecture: Architecture): string {
  return `${architecture}-unknown-linux-gnu`;
}

/** Linker and binutils: those with the target's prefix, without one only where the target is the machine itself. */
export function toolsFor(target: Architecture, build: Architecture): Tools {
  const prefix = `${target}-linux-gnu-`;
  const native = target === build;
  return {
    linker: native ? undefined : `${prefix}gcc`,
    strip: [...(native ? ["strip"] : []), `${prefix}strip`, "llvm-strip"],
    objcopy: [...(native ? ["objcopy"] : []), `${prefix}objcopy`, "llvm-objcopy"],
  };
}

/** For build scripts that compile C, by the conventions of the `cc` crate. */
export function compilerVariables(target: Architecture, build: Architecture): ReadonlyMap<string, string> {
  if (target === build) return new Map();
  const suffix = rustTriple(target).replaceAll("-", "_");
  const prefix = `${target}-linux-gnu-`;
  return new Map([
    [`CC_${suffix}`, `${prefix}gcc`],
    [`CXX_${suffix}`, `${prefix}g++`],
    [`AR_${suffix}`, `${prefix}ar`],
  ]);
}

/** Packages are fetched for both platforms at once, whichever is built: one download serves both. */
export const fetchedTriples = (["aarch64", "x86_64"] as const satisfies readonly Architecture[]).map(rustTriple);
