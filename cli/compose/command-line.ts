/**
 * The command line of mzcompose: our options, Compose's own before its command, a command, and what belongs to the command. Not by
 * commander, which has no way to hand on what it doesn't know in the place where it stood. Pure. docs/format.md, "Global options".
 */
import type { BuildFlags, GlobalOptions } from "../option-values.ts";
import { UsageError } from "../usage-error.ts";

export interface ComposeOptions extends BuildFlags, Pick<GlobalOptions, "C" | "root" | "debug"> {
  readonly find?: string;
  readonly mzQuiet?: boolean;
  readonly preservePorts?: boolean;
  readonly projectName?: string;
  readonly hostNetwork?: boolean;
  readonly ignoreDockerVersion?: boolean;
  readonly help?: boolean;
  /** Compose files, as given. */
  readonly file?: readonly string[];
  readonly projectDirectory?: string;
}

export interface ComposeCommandLine {
  readonly options: ComposeOptions;
  /** Options before the command that are Compose's. */
  readonly composeOptions: readonly string[];
  readonly command: string | undefined;
  /** Everything behind the command. */
  readonly args: readonly string[];
}

type Arity = "flag" | "value" | "values";

/** Ours, by the name that they have in {@link ComposeOptions}. */
const OWN = {
  C: ["-C", "value-list"],
  root: ["--root", "value"],
  debug: ["--debug", "flag"],
  dev: ["--dev", "flag"],
  optimized: ["--optimized", "flag"],
  release: ["--release", "flag"],
  coverage: ["--coverage", "flag"],
  sanitizer: ["--sanitizer", "value"],
  arch: ["--arch", "value"],
  imageRegistry: ["--image-registry", "value"],
  imagePrefix: ["--image-prefix", "value"],
  find: ["--find", "value"],
  mzQuiet: ["--mz-quiet", "flag"],
  preservePorts: ["--preserve-ports", "flag"],
  projectName: ["--project-name", "value"],
  hostNetwork: ["--host-network", "flag"],
  ignoreDockerVersion: ["--ignore-docker-version", "flag"],
  file: ["--file", "value-list"],
  projectDirectory: ["--project-directory", "value"],
  buildkit: ["--buildkit", "value"],
  builder: ["--builder", "value"],
  secret: ["--secret", "value-list"],
  ssh: ["--ssh", "value-list"],
  buildContext: ["--build-context", "value-list"],
  help: ["--help", "flag"],
} as const;

const SHORT: Readonly<Record<string, string>> = { "-f": "--file", "-p": "--project-name", "-h": "--help", "-C": "-C" };

/** Of other tools, without effect here: restarting one program at the end of workflows. */
const IGNORED = ["--sanity-restart-mz", "--no-sanity-restart-mz"];

/** Compose's own that a value follows. */
const COMPOSE_VALUED = ["--ansi", "--env-file", "--parallel", "--profile", "--progress"];
const COMPOSE_FLAGS = ["--all-resources", "--compatibility", "--dry-run", "--verbose"];

/** Every long option that may stand before the command, for completion and help. */
export const OPTION_NAMES: readonly string[] = [
  ...Object.values(OWN).map(([name]) => name),
  "--no-install",
  ...COMPOSE_VALUED,
];

/** Whether a value follows one of {@link OPTION_NAMES}. */
export function takesValue(name: string): boolean {
  return COMPOSE_VALUED.includes(name) || (ownOption(name)?.[1] ?? "flag") !== "flag";
}

/** Throws `UsageError`. */
export function parseComposeCommandLine(args: readonly string[]): ComposeCommandLine {
  const found: FoundOptions = { values: new Map(), composeOptions: [] };
  let index = 0;
  for (let option = optionAt(args, index); option !== undefined; option = optionAt(args, index)) {
    index += takeOption(option, found);
  }
  checkProfiles(found.values);
  // Every key was set with the type that OWN gives to it.
  const options = Object.fromEntries(found.values) as ComposeOptions;
  const { composeOptions } = found;
  return { options, composeOptions, command: args[index], args: args.slice(index + 1) };
}

interface FoundOptions {
  /** Ours, by their keys. */
  readonly values: Map<string, string | boolean | readonly string[]>;
  readonly composeOptions: string[];
}

/** An option as it was written: `inline` is a value within the same argument, `next` the argument behind it. */
interface WrittenOption {
  readonly arg: string;
  readonly written: string;
  readonly name: string;
  readonly inline: string | undefined;
  readonly next: string | undefined;
}

/** Undefined where the command stands, or the end. */
function optionAt(args: readonly string[], index: number): WrittenOption | undefined {
  const arg = args[index];
  if (arg === undefined || !arg.startsWith("-") || arg === "-") return undefined;
  const [written, inline] = splitValue(arg);
  return { arg, written, name: SHORT[written] ?? expand(written), inline, next: args[index + 1] };
}

/** How many arguments it takes. */
function takeOption(option: WrittenOption, { values, composeOptions }: FoundOptions): number {
  const { arg, name, inline, next } = option;
  if (IGNORED.includes(name)) return 1;
  if (name === "-v" || name === "--version") {
    throw new UsageError(
      "-v/--version option not supported",
      "mzcompose version prints Compose's, mzimage --version ours",
    );
  }
  if (name === "--no-install") {
    values.set("install", false);
    return 1;
  }
  const own = ownOption(name);
  if (own === undefined) {
    // It shows in our builds as well.
    if (name === "--progress") values.set("progress", inline ?? next ?? "auto");
    const valued = inline === undefined && COMPOSE_VALUED.includes(name);
    composeOptions.push(arg, ...(valued ? [neededValue(option)] : []));
    return valued ? 2 : 1;
  }
  const [key, arity] = own;
  if (arity === "flag") {
    if (inline !== undefined) throw new UsageError(`option ${name} takes no value`, `write ${name} alone`);
    values.set(key, true);
    return 1;
  }
  const value = neededValue(option);
  values.set(key, arity === "value" ? value : [...listAt(values, key), value]);
  return inline === undefined ? 2 : 1;
}

function neededValue({ written, inline, next }: WrittenOption): string {
  const value = inline ?? next;
  if (value !== undefined) return value;
  throw new UsageError(`option ${written} needs a value`, "usage: mzcompose [options] COMMAND");
}

function listAt(values: FoundOptions["values"], key: string): readonly string[] {
  const list = values.get(key);
  return Array.isArray(list) ? list : [];
}

/** `--opt=value`; short options may have their value at once: `-fa.yml`. */
function splitValue(arg: string): readonly [string, string | undefined] {
  if (arg.startsWith("--")) {
    const equals = arg.indexOf("=");
    return equals === -1 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)];
  }
  const short = arg.slice(0, 2);
  if (arg.length === 2 || !["-f", "-p", "-C"].includes(short)) return [arg, undefined];
  return [short, arg.slice(arg[2] === "=" ? 3 : 2)];
}

function ownOption(name: string): readonly [string, Arity] | undefined {
  for (const [key, [long, arity]] of Object.entries(OWN)) {
    if (long === name) return [key, arity === "value-list" ? "values" : arity];
  }
  return undefined;
}

/** An unambiguous beginning made whole, as Python's argparse has it. */
function expand(written: string): string {
  if (!written.startsWith("--")) return written;
  const known = [...OPTION_NAMES, ...COMPOSE_FLAGS, ...IGNORED, "--version"];
  if (known.includes(written)) return written;
  const found = known.filter((name) => name.startsWith(written));
  if (found.length > 1) {
    throw new UsageError(
      `ambiguous option: ${written} could be ${found.join(", ")}`,
      "write more of the option's name",
    );
  }
  return found[0] ?? written;
}

function checkProfiles(values: ReadonlyMap<string, unknown>): void {
  const given = ["dev", "optimized", "release"].filter((name) => values.has(name));
  const [first, second] = given;
  if (second !== undefined) {
    throw new UsageError(`option '--${first}' cannot be used with option '--${second}'`, "choose one profile");
  }
}
