/** Whether Docker and Compose are there and new enough. Their versions are noted, so that they are asked for once an installation. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, type Stats, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Terminal } from "../terminal.ts";
import { ComposeError } from "./compose-error.ts";

/** What the format asks for at least. */
const NEEDED = { docker: "24.0.5", compose: "2.15.1" } as const;

interface Versions {
  readonly docker: string;
  readonly compose: string;
}

/** Throws `ComposeError` "docker-missing" and "docker-too-old". */
export async function checkDockerVersions(terminal: Terminal): Promise<void> {
  const docker = programOnPath(terminal.env["PATH"] ?? "", "docker");
  if (docker === undefined) {
    throw new ComposeError("docker-missing", "there is no docker command", {
      hint: "install Docker with its Compose plugin (https://docs.docker.com/engine/install), or put it on PATH",
    });
  }
  const key = installationKey(terminal, docker);
  const noted = readNote(terminal);
  const versions = noted?.key === key ? noted.versions : await askVersions(terminal);
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
  if (noted?.key !== key) writeNote(terminal, { key, versions });
}

const run = promisify(execFile);

async function askVersions({ env, signal }: Terminal): Promise<Versions> {
  const ask = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run("docker", [...args], { env: { ...env }, signal });
    return stdout.trim();
  };
  const [docker, compose] = await Promise.all([
    // The command's own version: no daemon is asked.
    ask("--version").then((text) => /\d+\.\d+\.\d+/.exec(text)?.[0] ?? text),
    ask("compose", "version", "--short").catch((cause: unknown) => {
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

/** Changes whenever a program of the installation does. */
function installationKey({ env, homeDir }: Terminal, docker: string): string {
  const config = env["DOCKER_CONFIG"] || join(homeDir, ".docker");
  const pluginDirs = [
    join(config, "cli-plugins"),
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
  ];
  const files = [docker, ...pluginDirs.map((directory) => join(directory, "docker-compose"))];
  return files.flatMap((file) => describeFile(file) ?? []).join("\n");
}

function describeFile(file: string): string | undefined {
  const stats = statOf(file);
  return stats === undefined ? undefined : `${file} ${stats.size} ${stats.mtimeMs} ${stats.ino}`;
}

function programOnPath(path: string, name: string): string | undefined {
  const directories = path.split(delimiter).filter((directory) => directory !== "");
  return directories.map((directory) => join(directory, name)).find((file) => statOf(file)?.isFile());
}

function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}

interface Note {
  readonly key: string;
  readonly versions: Versions;
}

function noteFile({ env, homeDir }: Terminal): string {
  return join(env["XDG_CACHE_HOME"] || join(homeDir, ".cache"), "mzbuild", "docker-versions.json");
}

function readNote(terminal: Terminal): Note | undefined {
  try {
    return JSON.parse(readFileSync(noteFile(terminal), "utf8"));
  } catch {
    // No note, or half of one: the versions are asked for again.
    return undefined;
  }
}

function writeNote(terminal: Terminal, note: Note): void {
  const file = noteFile(terminal);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(note));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Without a note the next command asks again.
  }
}
