/** Where compositions are: nothing of them is loaded. docs/format.md, "Compositions"; docs/mzcompose.md. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { CompositionForm, CompositionPlace } from "../../compose/index.ts";
import { BuildError } from "../../llb/index.ts";
import { didYouMean, type Environment, listMatching, sortedByCodePoint } from "../../mzbuild/index.ts";

/** Compose's own order of preference (compose-spec/compose-go v2.9.1: cli/options.go, DefaultFileNames). */
export const COMPOSE_FILES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"] as const;
const PROGRAMS = ["mzcompose.ts", "mzcompose.py"] as const;

/** The only directory that is not searched. */
const SKIPPED = "misc/python/";

/** Throws `BuildError` "no-composition", "duplicate-composition". */
export function placeAt(directory: string, root: string): CompositionPlace {
  for (let at = directory; ; at = dirname(at)) {
    const files = existing(at, [...PROGRAMS, ...COMPOSE_FILES]);
    const [file] = files;
    if (file !== undefined) {
      if (files.includes("mzcompose.ts") && files.includes("mzcompose.py")) {
        throw twice(basename(at), join(at, "mzcompose.py"), join(at, "mzcompose.ts"));
      }
      return place(at, file, root);
    }
    if (at === root || dirname(at) === at) break;
  }
  throw new BuildError("no-composition", `there is no composition in ${directory}`, {
    hint: "change to the directory of one, or name it: mzcompose --find NAME; mzcompose list-compositions lists them",
  });
}

/** All compositions of the repository, in the order of their directories. Throws what git's listing does. */
export async function allPlaces(root: string, env: Environment): Promise<readonly CompositionPlace[]> {
  const names = [...PROGRAMS, ...COMPOSE_FILES];
  const listed = await listMatching({ cwd: root, env }, names);
  const found = existing(
    root,
    listed.filter((path) => !path.startsWith(SKIPPED)),
  );
  const byDirectory = new Map<string, string[]>();
  for (const path of found) byDirectory.set(dirname(path), [...(byDirectory.get(dirname(path)) ?? []), path]);
  const places = [...byDirectory].flatMap(([directory, paths]) => {
    const files = names.filter((name) => paths.some((path) => basename(path) === name));
    // Compose files beside a program are the program's own affair.
    const own = files.some(isProgram) ? files.filter(isProgram) : files.slice(0, 1);
    return own.map((file) => place(join(root, directory), file, root));
  });
  const order = sortedByCodePoint(places.map(({ file }) => file));
  return places.toSorted((a, b) => order.indexOf(a.file) - order.indexOf(b.file));
}

/** The one of this name. Throws `BuildError` "no-composition" with the nearest names, "duplicate-composition". */
export async function placeNamed(name: string, root: string, env: Environment): Promise<CompositionPlace> {
  const places = await allPlaces(root, env);
  const [found, another] = places.filter(({ directory }) => basename(directory) === name);
  if (found === undefined) {
    const hint = didYouMean(name, new Set(places.map(({ directory }) => basename(directory))));
    throw new BuildError("no-composition", `unknown composition ${name}`, {
      hint: hint ?? "mzcompose list-compositions lists them",
    });
  }
  if (another !== undefined) throw twice(name, relative(root, found.file), relative(root, another.file));
  return found;
}

/** Throws `BuildError` "duplicate-composition" where two programs have the name. Compose files may share one until it is asked for. */
export function checkNames(places: readonly CompositionPlace[], root: string): void {
  const seen = new Map<string, CompositionPlace>();
  for (const each of places) {
    if (each.form === "compose") continue;
    const name = basename(each.directory);
    const other = seen.get(name);
    if (other !== undefined) throw twice(name, relative(root, other.file), relative(root, each.file));
    seen.set(name, each);
  }
}

function twice(name: string, one: string, other: string): BuildError {
  return new BuildError("duplicate-composition", `composition ${name} exists twice: in ${one} and in ${other}`, {
    hint: "a composition is named after its directory: rename one of them",
  });
}

function place(directory: string, file: string, root: string): CompositionPlace {
  return { form: formOf(file), directory, file: join(directory, file), root };
}

function formOf(file: string): CompositionForm {
  return isProgram(file) ? file : "compose";
}

function isProgram(file: string): file is (typeof PROGRAMS)[number] {
  return file === "mzcompose.ts" || file === "mzcompose.py";
}

/** Looked for one after the other and at once: that is faster than handing them to other threads. */
function existing<Name extends string>(directory: string, names: readonly Name[]): readonly Name[] {
  return names.filter((name) => existsSync(join(directory, name)));
}
