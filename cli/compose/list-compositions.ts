/** `mzcompose list-compositions`: from the texts of their files, none of which is run. */
import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { sortedByCodePoint } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";
import { describeFile, firstParagraph } from "./documentation.ts";
import { allPlaces, checkNames } from "./places.ts";

/** What `--find` takes, each name once. */
export async function listCompositionNames({ env, stdout }: Terminal, root: string): Promise<number> {
  const places = await allPlaces(root, env);
  const names = sortedByCodePoint([...new Set(places.map(({ directory }) => basename(directory)))]);
  stdout.write(names.map((name) => `${name}\n`).join(""));
  return 0;
}

/** Per composition its directory, and the first paragraph of what it says of itself. Throws "duplicate-composition". */
export async function listCompositions({ env, stdout }: Terminal, root: string): Promise<number> {
  const places = await allPlaces(root, env);
  checkNames(places, root);
  for (const { form, directory, file } of places) {
    stdout.write(`${relative(root, directory) || "."}\n`);
    const description = describeFile(form, readFileSync(file, "utf8"));
    if (description === undefined) continue;
    for (const line of firstParagraph(description).split("\n")) stdout.write(`  ${line}\n`);
  }
  return 0;
}
