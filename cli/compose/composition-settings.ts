/** What the repository's settings say of compositions, and whether a composition goes together with it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CompositionPlace, LoadedComposition } from "../../compose/index.ts";
import { BuildError } from "../../llb/index.ts";
import { NO_SETTINGS, parseSettings, SETTINGS_FILE, type Settings } from "../../mzbuild/index.ts";

/**
 * What the settings say of names and volumes, which is all that is asked here. A file that plainly says nothing of them isn't parsed:
 * that would be a good part of a `mzcompose ps`. Whoever builds reads all of it.
 */
export function readSettings(root: string): Settings {
  const file = join(root, SETTINGS_FILE);
  if (!existsSync(file)) return NO_SETTINGS;
  const bytes = readFileSync(file);
  if (MAY_SAY_MORE.test(bytes.toString())) return parseSettings(bytes);
  return { ...NO_SETTINGS, registry: "", compose: { volumes: {} } };
}

/** A key of interest at the beginning of a line, or a line that begins with anything but a plain key, a blank or a comment. */
const MAY_SAY_MORE = /^(?:registry|image-prefix|compose)\b|^[^\s#a-z]/m;

/** Throws `BuildError` "bad-composition" for a service or volume that is there twice. */
export function checkData({ data }: LoadedComposition, settings: Settings, { file, root }: CompositionPlace): void {
  const seen = new Set<string>();
  for (const { name, config } of data.services) {
    if (seen.has(name)) throw badComposition(`service ${JSON.stringify(name)} exists twice`, file, root);
    if (config.mzbuild !== undefined && config.image !== undefined) {
      throw badComposition(`service ${JSON.stringify(name)} has both mzbuild and image`, file, root);
    }
    seen.add(name);
  }
  const twice = Object.keys(data.volumes).find((name) => Object.hasOwn(settings.compose.volumes, name));
  if (twice !== undefined) throw badComposition(`volume ${JSON.stringify(twice)} is there by default`, file, root);
}

function badComposition(message: string, file: string, root: string): BuildError {
  return new BuildError(
    "bad-composition",
    `${file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file}: ${message}`,
  );
}
