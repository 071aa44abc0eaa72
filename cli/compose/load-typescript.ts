/**
 * `mzcompose.ts` as a composition. The file and what it imports are bundled by esbuild once and kept until one of them changes, so
 * that Node runs it without knowing TypeScript, and a short command doesn't wait for a compiler. docs/mzcompose.md, "mzcompose.ts".
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildFailure, Message } from "esbuild";
import {
  Composition,
  type CompositionOperations,
  type CompositionPlace,
  type Json,
  type JsonObject,
  type LoadComposition,
  type LoadOptions,
  type Service,
} from "../../compose/index.ts";
import { BuildError, type SourceRange } from "../../llb/index.ts";
import packageJson from "../../package.json" with { type: "json" };
import { writeWhole } from "../write-whole.ts";
import { leadingText, workflowTexts } from "./documentation.ts";

/** Throws `BuildError` "bad-composition" with the places in the file. */
export const loadTypeScript: LoadComposition = async (place, options) => {
  const module = await moduleOf(place, options);
  const source = readFileSync(place.file, "utf8");
  const texts = workflowTexts(source);
  const workflows = new Map<string, WorkflowFunction>();
  for (const [key, value] of Object.entries(module)) {
    const name = workflowName(key);
    if (name !== undefined && isWorkflow(value)) workflows.set(name, value);
  }
  return {
    data: {
      services: servicesIn(module["services"], place),
      volumes: objectIn(module, "volumes", place),
      networks: objectIn(module, "networks", place),
      others: {
        ...unlessEmpty("secrets", objectIn(module, "secrets", place)),
        ...unlessEmpty("configs", objectIn(module, "configs", place)),
      },
      workflows: [...workflows].map(([name, { name: own }]) => ({ name, description: texts.get(own) })),
      description: leadingText(source),
    },
    runWorkflow: async (name: string, args: readonly string[], operations: CompositionOperations) => {
      const workflow = workflows.get(name);
      if (workflow === undefined) throw new TypeError(`there is no workflow ${name}`);
      await workflow(new Composition(operations), [...args]);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

type WorkflowFunction = (composition: Composition, args: string[]) => unknown;

function isWorkflow(value: unknown): value is WorkflowFunction {
  return typeof value === "function";
}

/** `workflowRunTwice` and `workflow_run_twice` are `run-twice`; other names are no workflow's. */
export function workflowName(exported: string): string | undefined {
  const words = /^workflow(?:_(\w+)|([A-Z]\w*))$/.exec(exported);
  const name = words?.[1] ?? words?.[2];
  return name
    ?.replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/_/g, "-")
    .toLowerCase();
}

function servicesIn(value: unknown, place: CompositionPlace): readonly Service[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(place, "services must be an array of services");
  return value.flat(Number.POSITIVE_INFINITY).map((service: unknown) => {
    if (!isService(service)) {
      throw bad(
        place,
        "services has an item that is no service",
        "make it with Service(name, config), or one of the ready services",
      );
    }
    // JSON has neither undefined nor functions.
    return { name: service.name, config: JSON.parse(JSON.stringify(service.config)) };
  });
}

function isService(value: unknown): value is Service {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "config" in value &&
    typeof value.config === "object"
  );
}

function objectIn(module: Readonly<Record<string, unknown>>, name: string, place: CompositionPlace): JsonObject {
  const value = module[name];
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw bad(place, `${name} must be an object`);
  return JSON.parse(JSON.stringify(value));
}

function unlessEmpty(key: string, value: JsonObject): { readonly [key: string]: Json } {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}

async function moduleOf(place: CompositionPlace, options: LoadOptions): Promise<Readonly<Record<string, unknown>>> {
  const bundle = keptBundle(place, options) ?? (await makeBundle(place, options));
  const { href } = pathToFileURL(bundle);
  // With them, places in stack traces are those of the sources; reading them takes a while.
  if (!options.dataOnly) process.setSourceMapsEnabled(true);
  try {
    return await import(href);
  } catch (error) {
    if (!options.dataOnly) throw whileLoading(place, error);
    process.setSourceMapsEnabled(true);
    // Once more, for its places.
    return await import(`${href}?traces`).catch((again: unknown) => {
      throw whileLoading(place, again);
    });
  }
}

function bad(place: CompositionPlace, message: string, hint?: string): BuildError {
  return new BuildError(
    "bad-composition",
    `${relative(place.root, place.file)}: ${message}`,
    hint === undefined ? {} : { hint },
  );
}

/** What the file's own code throws when it is loaded, with the place where it did. */
function whileLoading(place: CompositionPlace, error: unknown): BuildError {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const name = relative(place.root, place.file);
  const frame = stack.split("\n").find((line) => line.includes("mzcompose.ts:")) ?? "";
  const at = /mzcompose\.ts:(\d+):(\d+)/.exec(frame);
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const start = { line: Number(at?.[1]), column: Number(at?.[2]) };
  return new BuildError("bad-composition", `${name} fails to load: ${message}`, {
    at: at === null ? [] : [{ file: name, start, end: { line: start.line, column: start.column + 1 } }],
    cause: error,
  });
}

/** What was made of a composition, and from which files. */
interface BundleNote {
  readonly bundle: string;
  readonly inputs: readonly { readonly path: string; readonly size: number; readonly mtimeMs: number }[];
}

/** A bundle that is as new as all its sources; undefined where there is none. */
function keptBundle(place: CompositionPlace, options: LoadOptions): string | undefined {
  try {
    const note: BundleNote = JSON.parse(readFileSync(noteFile(place, options), "utf8"));
    const isCurrent = note.inputs.every(({ path, size, mtimeMs }) => {
      const stats = statSync(path);
      return stats.size === size && stats.mtimeMs === mtimeMs;
    });
    return isCurrent && existsSync(note.bundle) ? note.bundle : undefined;
  } catch {
    // No note, or a source that is gone: it is bundled anew.
    return undefined;
  }
}

async function makeBundle(place: CompositionPlace, options: LoadOptions): Promise<string> {
  const { build } = await import("esbuild");
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
