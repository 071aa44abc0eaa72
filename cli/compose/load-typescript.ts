/** `mzcompose.ts` as a composition: the module's exports, and its functions as workflows. docs/mzcompose.md, "mzcompose.ts". */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
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
import { BuildError } from "../../llb/index.ts";
import { importModule } from "../import-module.ts";
import { bundledTypeScript } from "./bundle-typescript.ts";
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
  const { href } = pathToFileURL(await bundledTypeScript(place, options));
  // With them, places in stack traces are those of the sources; reading them takes a while.
  if (!options.dataOnly) process.setSourceMapsEnabled(true);
  try {
    return await importModule(href);
  } catch (error) {
    if (!options.dataOnly) throw whileLoading(place, error);
    process.setSourceMapsEnabled(true);
    // Once more, for its places.
    return await importModule(`${href}?traces`).catch((again: unknown) => {
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
