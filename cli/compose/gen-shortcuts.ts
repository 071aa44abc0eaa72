/** `mzcompose gen-shortcuts`: a script `mzcompose` in the directory of every composition. */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Terminal } from "../terminal.ts";
import { allPlaces, checkNames } from "./places.ts";
import { mayHaveOwnKeys } from "./rewrite-compose-file.ts";

/** Compose files that have nothing of ours get none. Throws "duplicate-composition". */
export async function genShortcuts({ env, stdout }: Terminal, root: string): Promise<number> {
  const places = await allPlaces(root, env);
  checkNames(places, root);
  const launcher = launcherOf(root);
  for (const { form, directory, file } of places) {
    if (form === "compose" && !mayHaveOwnKeys(readFileSync(file, "utf8"))) continue;
    const script = join(directory, "mzcompose");
    await writeFile(script, scriptFor(relative(directory, launcher)), { mode: 0o755 });
    stdout.write(`${relative(root, script)}\n`);
  }
  return 0;
}

/** The repository's own, else that of this program. */
function launcherOf(root: string): string {
  const own = join(root, "bin/mzcompose");
  if (existsSync(own)) return own;
  for (let at = dirname(fileURLToPath(import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    const launcher = join(at, "bin/mzcompose");
    if (existsSync(launcher)) return launcher;
  }
  throw new TypeError("mzcompose's own launcher is not where this program is");
}

function scriptFor(launcher: string): string {
  return `#!/bin/sh
# Runs mzcompose; made by mzcompose gen-shortcuts.
exec "$(dirname -- "$0")/${launcher}" "$@"
`;
}
