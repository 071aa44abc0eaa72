/**
 * Whether Docker and Compose are there and new enough, and how Compose is started. Both are noted, so that they are found out once an
 * installation.
 */
import { execFile } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import type { Terminal } from "../terminal.ts";
import { ComposeError } from "./compose-error.ts";
import { describeFile, readNote, writeNote } from "./note-file.ts";

/** What the format asks for at least. */
const NEEDED = { docker: "24.0.5", compose: "2.15.1" } as const;

interface Versions {
  readonly docker: string;
  readonly compose: string;
}

/** What runs `docker compose ARGS`, when ARGS follow. */
export interface ComposeProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** By the docker command, whatever that is. */
export const DOCKER_COMPOSE: ComposeProgram = { file: "docker", args: ["compose"], env: {} };

/** Throws `ComposeError` "docker-missing" and "docker-too-old". */
export async function checkDockerVersions(terminal: Terminal): Promise<ComposeProgram> {
  const docker = programOnPath(terminal.env["PATH"] ?? "", "docker");
  if (docker === undefined) {
    throw new ComposeError("docker-missing", "there is no docker command", {
      hint: "install Docker with its Compose plugin (https://docs.docker.com/engine/install), or put it on PATH",
    });
  }
  const key = installationKey(terminal, docker);
  // Written by us.
  const noted = readNote(noteFile(terminal)) as Note | undefined;
  const { versions, plugin } = noted?.key === key ? noted : await askInstallation(terminal, docker);
  for (const [name, needed] of Object.entries(NEEDED)) {
    const version = versions[name as keyof Versions];
    if (!isOlder(version, needed)) continue;
    throw new ComposeError(
      "docker-too-old",
      `${name === "docker" ? "Docker" : "Docker Compose"} ${version} is too old: ${needed} is needed`,
      {
        hint: "upgrade it, or try all the same: --ignore-docker-version",
      },
    );
  }
  if (noted?.key !== key) writeNote(noteFile(terminal), { key, versions, plugin } satisfies Note);
  return plugin === undefined ? DOCKER_COMPOSE : pluginProgram(plugin);
}

/**
 * As the docker command runs its plugin (docker/cli v29.7.2: cli-plugins/manager/manager.go, PluginRunCommand), which asks it who it is
 * before: starting three programs takes three times as long.
 */
function pluginProgram(file: string): ComposeProgram {
  return { file, args: ["compose"], env: { DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: "docker" } };
}

const run = promisify(execFile);

async function askInstallation(terminal: Terminal, docker: string): Promise<Omit<Note, "key">> {
  const { env, signal } = terminal;
  const ask: Ask = async (program, ...args) => {
    const { file, args: first, env: more } = program;
    const { stdout } = await run(file, [...first, ...args], { env: { ...env, ...more }, signal });
    return stdout.trim();
  };
  const versions = await askVersions(ask, signal);
  const plugin = await findPlugin(terminal, docker, versions, ask);
  return { versions, plugin };
}

/** What a program writes. */
type Ask = (program: ComposeProgram, ...args: readonly string[]) => Promise<string>;

async function askVersions(ask: Ask, signal: AbortSignal): Promise<Versions> {
  const [docker, compose] = await Promise.all([
    // The command's own version: no daemon is asked.
    ask({ ...DOCKER_COMPOSE, args: [] }, "--version").then((text) => /\d+\.\d+\.\d+/.exec(text)?.[0] ?? text),
    ask(DOCKER_COMPOSE, "version", "--short").catch((cause: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw new ComposeError("docker-missing", "docker has no Compose: `docker compose version` fails", {
        hint: "install the Compose plugin (https://docs.docker.com/compose/install)",
        cause,
      });
    }),
  ]);
  return { docker, compose: compose.replace(/^v/, "") };
}

/** By the first three numbers; what has none is taken to be new. */
export function isOlder(version: string, needed: string): boolean {
  const numbers = (text: string): readonly number[] => (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? "").split(".").map(Number);
  const [have, want] = [numbers(version), numbers(needed)];
  if (!/\d/.test(version)) return false;
  for (const [index, number] of want.entries()) {
    const ours = have[index] ?? 0;
    if (ours !== number) return ours < number;
  }
  return false;
}

/**
 * The plugin that the docker command runs. Undefined where that is something in front of Docker's own, is told to do more with plugins
 * than to run them, or where its plugin isn't found: then the command itself has to do it.
 */
async function findPlugin(
  terminal: Terminal,
  docker: string,
  { compose }: Versions,
  ask: Ask,
): Promise<string | undefined> {
  if (isScript(docker) || OWN_WAYS.test(textOf(configFile(terminal)) ?? "")) return undefined;
  const plugin = pluginFiles(terminal).find(isFile);
  if (plugin === undefined) return undefined;
  // One that can't be run is none.
  const version = await ask(pluginProgram(plugin), "version", "--short").catch(() => undefined);
  return version?.replace(/^v/, "") === compose ? plugin : undefined;
}

/** Keys of Docker's config.json by which its command finds other plugins, has them called otherwise, or calls them after others. */
const OWN_WAYS = /"(?:cliPluginsExtraDirs|plugins|aliases)"/;

function isScript(file: string): boolean {
  return readFileSync(file).subarray(0, 2).toString("latin1") === "#!";
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Most people have none.
    return undefined;
  }
}

function dockerConfig({ env, homeDir }: Terminal): string {
  return env["DOCKER_CONFIG"] || join(homeDir, ".docker");
}

function configFile(terminal: Terminal): string {
  return join(dockerConfig(terminal), "config.json");
}

/** In the docker command's order of preference. */
function pluginFiles(terminal: Terminal): readonly string[] {
  return [
    join(dockerConfig(terminal), "cli-plugins"),
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
  ].map((directory) => join(directory, "docker-compose"));
}

/** Changes whenever a program of the installation does, or what is said of them. */
function installationKey(terminal: Terminal, docker: string): string {
  const files = [docker, configFile(terminal), ...pluginFiles(terminal)];
  return files.flatMap((file) => describeFile(file) ?? []).join("\n");
}

function programOnPath(path: string, name: string): string | undefined {
  const directories = path.split(delimiter).filter((directory) => directory !== "");
  return directories.map((directory) => join(directory, name)).find(isFile);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

interface Note {
  readonly key: string;
  readonly versions: Versions;
  /** Where Compose can be run without the docker command. */
  readonly plugin: string | undefined;
}

function noteFile({ env, homeDir }: Terminal): string {
  return join(env["XDG_CACHE_HOME"] || join(homeDir, ".cache"), "mzbuild", "docker-installation.json");
}
