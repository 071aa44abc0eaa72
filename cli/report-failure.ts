/** The end of a command that has thrown: its error on standard error, its exit code. */
import { readFileSync, statSync } from "node:fs";
import { BuildFailed } from "./build-failed.ts";
import { exitCodeOf, renderError } from "./errors/index.ts";
import { type Terminal, takesColour } from "./terminal.ts";

/** `root` is the repository's, where paths in errors are relative to it; the current directory before it is known. */
export function reportFailure(
  { stderr, env, signal, cwd }: Terminal,
  error: unknown,
  { debug, root }: { readonly debug: boolean; readonly root: string | undefined },
): number {
  // Its steps have been told of already, with all that they said.
  if (!(error instanceof BuildFailed)) {
    stderr.write(
      renderError(error, {
        colour: takesColour(stderr, env),
        columns: stderr.columns,
        readSource: (file) => readIfThere(root ?? cwd, file),
        signal,
        debug,
      }),
    );
  }
  return exitCodeOf(error, signal);
}

function readIfThere(root: string, file: string): string | undefined {
  try {
    const path = `${root}/${file}`;
    // Reading a pipe would be waiting for one who writes.
    return statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
  } catch {
    // The lines are a help beside the message: without them it is told all the same.
    return undefined;
  }
}
