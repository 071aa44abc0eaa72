/** Compiles what the programs are made of besides the repository's own crates. */
import { type Compilation, compilationScript } from "./compilation-script.ts";
import { DEPENDENCIES, TARGET, WORK } from "./layout.ts";
import { shellCommand } from "./shell.ts";

/**
 * Compiles the dependencies with stubs for the repository's own crates, and leaves the units that are not of these as an output.
 * What fails for want of a real crate (one that replaces a dependency's dependency, say) is left to the build.
 */
export function dependenciesScript(compilation: Compilation): string {
  const command = shellCommand([...compilation.command, "--keep-going"]);
  return `${compilationScript(compilation)}
run_cargo ${command} || {
  explain_surroundings "$status"
  echo "mzbuild: what doesn't compile without the repository's own crates is left to the build" >&2
}
foreign_units ${WORK}/messages >${WORK}/units
copy_units ${TARGET} ${DEPENDENCIES} ${WORK}/units
`;
}
