/** mzcompose: from a command line to the command. What a command does is loaded when it is asked for. docs/mzcompose.md. */
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { CompositionPlace } from "../../compose/index.ts";
import { didYouMean, type RepositoryRoot } from "../../mzbuild/index.ts";
import { directoryFromOptions, rootFromOptions } from "../repository-root.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { type ComposeCommandLine, parseComposeCommandLine } from "./command-line.ts";
import { composeCommand, composeCommandNames } from "./compose-commands.ts";
import { placeAt, placeNamed } from "./places.ts";
import { ComposeProject } from "./project.ts";
import type { ImageWork } from "./project-context.ts";

/** Whether a command line leads to nothing that works with images; it may be a wrong one. */
export function needsNoImages(args: readonly string[]): boolean {
  try {
    const { command = "" } = parseComposeCommandLine(args);
    return (composeCommand(command)?.need ?? "none") === "none";
  } catch {
    // What is wrong with it is told by whoever runs it.
    return true;
  }
}

/** The exit code. Nothing is thrown: errors are told on standard error. `images` may be left out where {@link needsNoImages}. */
export async function runMzcompose(
  terminal: Terminal,
  args: readonly string[],
  images: ImageWork | undefined,
): Promise<number> {
  let root: string | undefined;
  let debug = false;
  const lastWork: (() => void)[] = [];
  try {
    const line = parseComposeCommandLine(args);
    debug = line.options.debug ?? false;
    return await runCommand(terminal, line, {
      onRoot: (path) => {
        root = path;
      },
      atEnd: (work) => lastWork.push(work),
      images,
    });
  } catch (error) {
    const { reportFailure } = await import("../report-failure.ts");
    return reportFailure(terminal, error, { debug, root });
  } finally {
    for (const work of lastWork) work();
  }
}

export interface Hooks {
  readonly onRoot: (path: string) => void;
  readonly atEnd: (work: () => void) => void;
  readonly images: ImageWork | undefined;
}

type OwnCommand = (terminal: Terminal, line: ComposeCommandLine, hooks: Hooks) => Promise<number>;

/** Commands that Compose doesn't have. */
const OWN_COMMANDS: Readonly<Record<string, OwnCommand>> = {
  "list-compositions": async (terminal, { options, args }, hooks) => {
    noArguments("list-compositions", args);
    const root = await rootFromOptions(terminal, { ...options, ...hooks });
    return (await import("./list-compositions.ts")).listCompositions(terminal, root.path);
  },
  // For completion.
  "list-composition-names": async (terminal, { options, args }, hooks) => {
    noArguments("list-composition-names", args);
    const root = await rootFromOptions(terminal, { ...options, ...hooks });
    return (await import("./list-compositions.ts")).listCompositionNames(terminal, root.path);
  },
  "gen-shortcuts": async (terminal, { options, args }, hooks) => {
    noArguments("gen-shortcuts", args);
    const root = await rootFromOptions(terminal, { ...options, ...hooks });
    return (await import("./gen-shortcuts.ts")).genShortcuts(terminal, root.path);
  },
  "list-workflows": aboutComposition("list-workflows", async (project) =>
    (await import("./describe.ts")).listWorkflows(project),
  ),
  "list-names": aboutComposition("list-names", async (project) => (await import("./describe.ts")).listNames(project)),
  describe: aboutComposition("describe", async (project) => (await import("./describe.ts")).describe(project)),
  ls: aboutComposition("ls", async (project) => (await import("./describe.ts")).describe(project)),
  list: aboutComposition("list", async (project) => (await import("./describe.ts")).describe(project)),
  description: aboutComposition("description", async (project) =>
    (await import("./describe.ts")).printDescription(project),
  ),
  web: async (terminal, line, hooks) => {
    const [service, ...others] = line.args;
    if (service === undefined || service.startsWith("-") || others.length > 0) {
      throw new UsageError("web takes one service", "usage: mzcompose [options] web SERVICE");
    }
    await using project = await openProject(terminal, line, hooks);
    return await (await import("./web.ts")).openInBrowser(project, service);
  },
  completion: async (terminal, { args }) => {
    const [shell, ...others] = args;
    if (shell === undefined || others.length > 0) {
      throw new UsageError("completion takes one shell", "usage: mzcompose completion bash|zsh|fish");
    }
    return (await import("./completion.ts")).composeCompletion(terminal, shell);
  },
  help: async (terminal, { args }) => help(terminal, args[0]),
  man: async (terminal, { args }) => {
    noArguments("man", args);
    return (await import("./man.ts")).composeManual(terminal);
  },
};

async function runCommand(terminal: Terminal, line: ComposeCommandLine, hooks: Hooks): Promise<number> {
  const { command, options, args } = line;
  if (command === undefined) {
    if (options.help) return help(terminal, undefined);
    throw new UsageError("no command is given", "usage: mzcompose [options] COMMAND; mzcompose --help lists them");
  }
  if (options.help) return help(terminal, command);
  if (Object.hasOwn(OWN_COMMANDS, command)) {
    if (args.includes("-h") || args.includes("--help")) return help(terminal, command);
    return (await OWN_COMMANDS[command]?.(terminal, line, hooks)) ?? 0;
  }
  if (composeCommand(command) === undefined) {
    const names = [...composeCommandNames(), ...Object.keys(OWN_COMMANDS)];
    throw new UsageError(`unknown command: ${command}`, didYouMean(command, names) ?? "mzcompose --help lists them");
  }
  const { passThrough, wantsHelp } = await import("./pass-through.ts");
  if (wantsHelp(command, args)) return help(terminal, command);
  await using project = await openProject(terminal, line, hooks);
  return await passThrough(project, command, args);
}

async function help(terminal: Terminal, command: string | undefined): Promise<number> {
  return (await import("./help.ts")).help(terminal, command, Object.keys(OWN_COMMANDS));
}

/** A command that says something about one composition, and takes no arguments. */
function aboutComposition(name: string, work: (project: ComposeProject) => Promise<number>): OwnCommand {
  return async (terminal, line, hooks) => {
    noArguments(name, line.args);
    await using project = await openProject(terminal, line, hooks);
    return await work(project);
  };
}

function noArguments(command: string, args: readonly string[]): void {
  const [first] = args;
  if (first !== undefined) {
    throw new UsageError(`unknown argument: ${first}`, `usage: mzcompose [options] ${command}`);
  }
}

/** Nothing of the composition is loaded. Throws `BuildError` for a root or a composition that isn't there, `UsageError`. */
async function openProject(terminal: Terminal, line: ComposeCommandLine, hooks: Hooks): Promise<ComposeProject> {
  const { options, composeOptions } = line;
  const root = await rootFromOptions(terminal, { ...options, ...hooks });
  const place = await compositionPlace(terminal, line, root);
  if (place.form !== "compose") {
    if (options.file !== undefined) throw notSupported("-f/--file");
    if (options.projectDirectory !== undefined) throw notSupported("--project-directory");
  }
  return new ComposeProject({ terminal, options, composeOptions, root, place, hooks, images: hooks.images });
}

function notSupported(option: string): UsageError {
  return new UsageError(`${option} option not supported`, "it is for compositions of Compose files");
}

async function compositionPlace(
  terminal: Terminal,
  { options }: ComposeCommandLine,
  root: RepositoryRoot,
): Promise<CompositionPlace> {
  if (options.find !== undefined) return placeNamed(options.find, root.path, terminal.env);
  const directory = directoryFromOptions(terminal, options);
  const found = placeOrNothing(directory, await sameSpelling(root.path, directory), options.file === undefined);
  const [file] = options.file ?? [];
  if (file !== undefined && (found === undefined || found.form === "compose" || found.directory !== directory)) {
    return { form: "compose", directory, file: resolve(directory, file), root: root.path };
  }
  if (found === undefined) throw new TypeError("a composition that isn't there is an error");
  return { ...found, root: root.path };
}

function placeOrNothing(directory: string, root: string, needed: boolean): CompositionPlace | undefined {
  try {
    return placeAt(directory, root);
  } catch (error) {
    if (needed) throw error;
    return undefined;
  }
}

/** The root as the current directory names it, where links lead to it by another way. */
async function sameSpelling(root: string, directory: string): Promise<string> {
  if (directory === root || directory.startsWith(`${root}/`)) return root;
  const real = await realpath(directory);
  if (!real.startsWith(root)) return root;
  const below = real.slice(root.length);
  return directory.endsWith(below) ? directory.slice(0, directory.length - below.length) || "/" : root;
}
