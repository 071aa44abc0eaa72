/**
 * Plain Compose files as a composition. Compose itself resolves them (interpolation, `extends`, `include`, several files): what it gets
 * are the files with our keys made into its own. docs/mzcompose.md, "Compose files".
 */
import { readFile } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import type { Json, JsonObject, LoadedComposition, Service, ServiceConfig } from "../../compose/index.ts";
import { directoryFromOptions } from "../repository-root.ts";
import { ComposeError } from "./compose-error.ts";
import { type ComposeInput, runCompose } from "./docker-compose.ts";
import type { ComposeProgram } from "./docker-versions.ts";
import { fileWorkflows, WORKFLOWS_KEY } from "./file-workflows.ts";
import { mirrorFiles } from "./mirror-files.ts";
import { COMPOSE_FILES } from "./places.ts";
import type { ProjectContext } from "./project-context.ts";
import { filesTakenIn, mayHaveOwnKeys, RENAMED, rewriteComposeFile } from "./rewrite-compose-file.ts";

export interface ComposeFiles extends AsyncDisposable {
  /** The files as Compose can have them, with images in the place of `mzbuild: NAME`, and where it is to look for what they name. */
  withImages(imageOf: (name: string) => string): Promise<Pick<ComposeInput, "files" | "projectDirectory">>;
  /** As Compose resolves them, with all profiles. Throws `ComposeError` "compose-failed" when it can't, which it has said then. */
  load(): Promise<LoadedComposition>;
}

interface TextFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** Reads them. Throws the error of a file that can't be read. */
export async function openComposeFiles(
  context: ProjectContext,
  program: () => Promise<ComposeProgram>,
): Promise<ComposeFiles> {
  const paths = await mainFiles(context);
  const projectDirectory = projectDirectoryOf(context, paths);
  const main = await Promise.all(paths.map(readText));
  const others = await filesBehind(main, projectDirectory);
  const disposals: (() => Promise<void>)[] = [];
  const withImages: ComposeFiles["withImages"] = async (imageOf) => {
    const changed = others.filter(({ text }) => mayHaveOwnKeys(text));
    if (changed.length === 0) {
      const files = main.map(({ path, text }) => {
        const rewritten = rewriteComposeFile(text, imageOf);
        return rewritten === text ? { path } : { text: rewritten };
      });
      return { files, projectDirectory };
    }
    const all = [...main, ...changed];
    const texts = new Map(all.map(({ path, text }) => [path, rewriteComposeFile(text, imageOf)]));
    const mirror = await mirrorFiles(texts, [projectDirectory]);
    disposals.push(async () => mirror[Symbol.asyncDispose]());
    return {
      files: main.map(({ path }) => ({ path: mirror.root + path })),
      projectDirectory: mirror.root + projectDirectory,
    };
  };
  return {
    withImages,
    load: async () => {
      const input = await withImages((name) => MARKER + name);
      const mirrored = input.projectDirectory.slice(0, -projectDirectory.length);
      const json = await resolved(context, await program(), input);
      const config = JSON.parse(mirrored === "" ? json : json.replaceAll(`${mirrored}/`, "/"));
      return loadedFrom(config, context, paths, projectDirectory);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(disposals.map((dispose) => dispose()));
    },
  };
}

/** Of an image, for its name in the repository while Compose resolves the files; nobody can have such a registry (RFC 2606). */
const MARKER = "mzbuild.invalid/";

async function mainFiles({ terminal, options, place }: ProjectContext): Promise<readonly string[]> {
  const cwd = directoryFromOptions(terminal, options);
  if (options.file !== undefined) return options.file.map((file) => resolve(cwd, file));
  const separator = terminal.env["COMPOSE_PATH_SEPARATOR"] || delimiter;
  const named = terminal.env["COMPOSE_FILE"] || (await fromEnvFile(place.directory));
  if (named) return named.split(separator).map((file) => resolve(place.directory, file));
  return [place.file, ...(await overrideOf(place.directory))];
}

/** The variable COMPOSE_FILE in the project's `.env`. */
async function fromEnvFile(directory: string): Promise<string | undefined> {
  const text = await readIfThere(join(directory, ".env"));
  return /^[ \t]*(?:export[ \t]+)?COMPOSE_FILE[ \t]*=[ \t]*["']?([^"'\r\n]*?)["']?[ \t]*$/m.exec(text ?? "")?.[1];
}

/** Compose's own, in its order (compose-spec/compose-go v2.9.1: cli/options.go, DefaultOverrideFileNames). */
async function overrideOf(directory: string): Promise<readonly string[]> {
  const names = COMPOSE_FILES.map((name) => name.replace(/(\.ya?ml)$/, ".override$1"));
  for (const name of names) {
    const path = join(directory, name);
    if ((await readIfThere(path)) !== undefined) return [path];
  }
  return [];
}

function projectDirectoryOf({ terminal, options, place }: ProjectContext, files: readonly string[]): string {
  const cwd = directoryFromOptions(terminal, options);
  if (options.projectDirectory !== undefined) return resolve(cwd, options.projectDirectory);
  return options.file === undefined ? place.directory : dirname(files[0] ?? place.file);
}

/** All files that are taken in, directly or not. Those elsewhere (git, OCI, the web) and those named by variables are Compose's. */
async function filesBehind(main: readonly TextFile[], projectDirectory: string): Promise<readonly TextFile[]> {
  const found = new Map<string, TextFile>(main.map((file) => [file.path, file]));
  const visit = async ({ text }: TextFile, directory: string): Promise<void> => {
    const { included, extended } = filesTakenIn(text);
    for (const name of [...included, ...extended]) {
      if (/:\/\/|^git@|^oci:|\$/.test(name)) continue;
      const path = resolve(directory, name);
      if (found.has(path)) continue;
      const taken = await readIfThere(path);
      if (taken === undefined) continue;
      const file = { path, text: taken };
      found.set(path, file);
      await visit(file, dirname(path));
    }
  };
  for (const file of main) await visit(file, projectDirectory);
  return [...found.values()].filter((file) => !main.includes(file));
}

async function resolved(
  { terminal, options, composeOptions }: ProjectContext,
  program: ComposeProgram,
  input: Pick<ComposeInput, "files" | "projectDirectory">,
): Promise<string> {
  const { exitCode, stdout } = await runCompose(terminal, {
    program,
    input: {
      ...input,
      projectName: options.projectName,
      composeOptions: [...withoutProfiles(composeOptions), "--profile", "*"],
    },
    args: ["config", "--format", "json"],
    capture: true,
  });
  if (exitCode === 0) return stdout;
  throw new ComposeError("compose-failed", "Compose cannot read the composition", { exitCode });
}

function withoutProfiles(options: readonly string[]): readonly string[] {
  return options.filter(
    (option, index) => !option.startsWith("--profile=") && option !== "--profile" && options[index - 1] !== "--profile",
  );
}

function loadedFrom(
  config: { readonly [key: string]: Json },
  { terminal, options, place }: ProjectContext,
  files: readonly string[],
  projectDirectory: string,
): LoadedComposition {
  const { services, volumes, networks, [WORKFLOWS_KEY]: given, ...others } = config;
  const workflows = fileWorkflows(given);
  const found = [
    ["--root", place.root],
    ...files.map((file) => ["--file", file]),
    ["--project-directory", projectDirectory],
    ...(options.projectName === undefined ? [] : [["--project-name", options.projectName]]),
  ];
  const own = { terminal, directory: place.directory, options: ["--mz-quiet", ...found.flat()], workflows };
  return {
    data: {
      services: Object.entries(objectOr(services)).map(([name, service]) => serviceFrom(name, objectOr(service))),
      volumes: objectOr(volumes),
      networks: objectOr(networks),
      others,
      workflows: workflows.map(({ name, description }) => ({ name, description })),
      description: undefined,
    },
    runWorkflow: async (name, args, operations) => {
      const workflow = workflows.find((each) => each.name === name);
      if (workflow === undefined) throw new TypeError(`there is no workflow ${name}`);
      const { runFileWorkflow } = await import("./run-file-workflow.ts");
      await runFileWorkflow(workflow, args, operations, own);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function serviceFrom(name: string, config: JsonObject): Service {
  const own: { -readonly [key in keyof ServiceConfig]: ServiceConfig[key] } = {};
  for (const [key, value] of Object.entries(config)) {
    const renamed = Object.entries(RENAMED).find(([, other]) => other === key)?.[0];
    own[renamed ?? key] = value;
  }
  const { image } = config;
  if (typeof image !== "string" || !image.startsWith(MARKER)) return { name, config: own };
  const { image: _, ...rest } = own;
  return { name, config: { ...rest, mzbuild: image.slice(MARKER.length) } };
}

function objectOr(value: Json | undefined): JsonObject {
  // Compose gives mappings for all of these.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

async function readText(path: string): Promise<TextFile> {
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (cause) {
    throw new ComposeError("bad-composition", `${basename(path)} cannot be read: ${path}`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // Not there, or no file: Compose says so where that matters.
    return undefined;
  }
}
