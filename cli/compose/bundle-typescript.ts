/**
 * A composition in TypeScript and what it imports, bundled by esbuild once and kept until one of the files changes: Node runs it
 * without knowing TypeScript, and a short command doesn't wait for a compiler.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildFailure, Message } from "esbuild";
import type { CompositionPlace, LoadOptions } from "../../compose/index.ts";
import { BuildError, type SourceRange } from "../../llb/index.ts";
import packageJson from "../../package.json" with { type: "json" };
import { importModule } from "../import-module.ts";
import { writeWhole } from "../write-whole.ts";
import { readNote } from "./note-file.ts";

/** The file of the bundle. Throws `BuildError` "bad-composition" with places in the sources. */
export async function bundledTypeScript(place: CompositionPlace, options: LoadOptions): Promise<string> {
  return keptBundle(place, options) ?? (await makeBundle(place, options));
}

/** What was made of a composition, and from which files. */
interface BundleNote {
  readonly bundle: string;
  readonly inputs: readonly Source[];
}

interface Source {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/** A bundle that is as new as all its sources; undefined where there is none. */
function keptBundle(place: CompositionPlace, options: LoadOptions): string | undefined {
  // Written by us.
  const note = readNote(noteFile(place, options)) as BundleNote | undefined;
  return note?.inputs.every(isAsNoted) && existsSync(note.bundle) ? note.bundle : undefined;
}

function isAsNoted({ path, size, mtimeMs }: Source): boolean {
  try {
    const stats = statSync(path);
    return stats.size === size && stats.mtimeMs === mtimeMs;
  } catch {
    // It is gone: whoever bundles anew says so, if it is still needed.
    return false;
  }
}

async function makeBundle(place: CompositionPlace, options: LoadOptions): Promise<string> {
  // As package.json has it.
  const { build } = (await importModule("esbuild")) as typeof import("esbuild");
  const directory = dirname(place.file);
  const define = {
    "import.meta.dirname": JSON.stringify(directory),
    "import.meta.filename": JSON.stringify(place.file),
    "import.meta.url": JSON.stringify(pathToFileURL(place.file).href),
  };
  let result: Awaited<ReturnType<typeof build<{ metafile: true; write: false; entryPoints: string[] }>>>;
  try {
    result = await build({
      entryPoints: [place.file],
      absWorkingDir: place.root,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      alias: { "mzbuild/compose": libraryFile() },
      define,
      sourcemap: "inline",
      sourcesContent: false,
      // Sources in maps are relative to it, and it lies in the cache.
      outfile: join(cacheDirectory(options), "bundle.mjs"),
      banner: {
        js: 'import { createRequire as mzbuildRequire } from "node:module"; const require = mzbuildRequire(import.meta.url);',
      },
      write: false,
      metafile: true,
      logLevel: "silent",
    });
  } catch (error) {
    throw notBundled(place, error);
  }
  const [output] = result.outputFiles;
  if (output === undefined) throw new TypeError("esbuild made nothing");
  const inputs = Object.keys(result.metafile.inputs).map((path) => {
    const file = join(place.root, path);
    const { size, mtimeMs } = statSync(file);
    return { path: file, size, mtimeMs };
  });
  const bundle = join(
    cacheDirectory(options),
    `${createHash("sha256").update(output.contents).digest("hex").slice(0, 20)}.mjs`,
  );
  mkdirSync(dirname(bundle), { recursive: true });
  writeWhole(bundle, output.contents);
  writeWhole(noteFile(place, options), JSON.stringify({ bundle, inputs } satisfies BundleNote));
  return bundle;
}

function notBundled(place: CompositionPlace, error: unknown): unknown {
  if (!isBuildFailure(error)) return error;
  const [first] = error.errors;
  if (first === undefined) return error;
  return new BuildError("bad-composition", error.errors.map(({ text }) => text).join("\n"), {
    at: error.errors.flatMap((message) => rangeOf(message) ?? []),
    ...(first.location === null ? { hint: `in ${relative(place.root, place.file)}` } : {}),
  });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

/** esbuild counts columns from 0, in bytes; paths are relative to the root already. */
function rangeOf({ location }: Message): SourceRange | undefined {
  if (location === null) return undefined;
  const { file, line, column, length, lineText } = location;
  const units = (bytes: number): number => Buffer.from(lineText).subarray(0, bytes).toString().length;
  return {
    file,
    start: { line, column: units(column) + 1 },
    end: { line, column: units(column + Math.max(length, 1)) + 1 },
  };
}

function cacheDirectory({ env }: LoadOptions): string {
  return join(env["XDG_CACHE_HOME"] || join(env["HOME"] ?? "/", ".cache"), "mzbuild", "compositions");
}

function noteFile(place: CompositionPlace, options: LoadOptions): string {
  const key = createHash("sha256").update(`${packageJson.version}\0${libraryFile()}\0${place.file}`).digest("hex");
  return join(cacheDirectory(options), `${key.slice(0, 20)}.json`);
}

/** What `mzbuild/compose` is to a composition: our own library, whatever the repository has installed. */
function libraryFile(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    const found = ["compose/index.ts", "compose.js", "library/compose/index.js"].map((name) => join(at, name));
    const file = found.find((path) => existsSync(path));
    if (file !== undefined) return file;
  }
  throw new TypeError("mzbuild's own library is not where this program is");
}
