/** Help: ours, and Compose's in our name. */
import type { Terminal } from "../terminal.ts";
import { composeCommand, composeCommandNames } from "./compose-commands.ts";
import { runCompose } from "./docker-compose.ts";
import { checkDockerVersions } from "./docker-versions.ts";

/** Commands that Compose doesn't have. */
export const OWN: Readonly<Record<string, string>> = {
  completion: "print what a shell completes: bash, zsh or fish",
  describe: "show the composition's services and workflows (also ls, list)",
  description: "print what the composition is for",
  "gen-shortcuts": "write a script mzcompose into the directory of every composition",
  help: "this text, or that of a command",
  "list-compositions": "list the repository's compositions",
  "list-workflows": "list the composition's workflows",
  man: "print the manual page, in the language of man(1)",
  web: "open a service's first port in a browser",
};

/** The exit code. */
export async function help(terminal: Terminal, command: string | undefined, own: readonly string[]): Promise<number> {
  if (command !== undefined && composeCommand(command) !== undefined) {
    // Without Compose, docker would show its own help.
    const program = await checkDockerVersions(terminal);
    const { exitCode, stdout } = await runCompose(terminal, {
      program,
      input: undefined,
      args: [command, "--help"],
      capture: true,
    });
    terminal.stdout.write(stdout.replaceAll("docker compose", "./mzcompose"));
    return exitCode;
  }
  if (command !== undefined && own.includes(command)) {
    const text = OWN[command] ?? OWN["describe"];
    const argument = command === "web" ? " SERVICE" : command === "completion" ? " SHELL" : "";
    terminal.stdout.write(`Usage: mzcompose [options] ${command}${argument}\n\n${text}\n`);
    return 0;
  }
  terminal.stdout.write(overview());
  return 0;
}

function overview(): string {
  const row = ([name, text]: readonly [string, string]): string => `  ${name.padEnd(22)}${text}\n`;
  const composeRows = composeCommandNames().map((name) => [name, composeCommand(name)?.description ?? ""] as const);
  return `Usage: mzcompose [options] COMMAND [arguments]

Brings up compositions of the repository's images, with Docker Compose.

Commands of Docker Compose, with its arguments:
${composeRows.map(row).join("")}
Further commands:
${Object.entries(OWN).map(row).join("")}
Options:
${OPTIONS.map(row).join("")}
Options of Docker Compose, such as --profile, are handed to it. mzcompose COMMAND --help shows those of a command.
`;
}

/** Options before the command. */
export const OPTIONS: readonly (readonly [string, string])[] = [
  ["--find NAME", "the composition of this name, instead of the current directory's"],
  ["-f, --file FILE", "Compose files, instead of the directory's own; several"],
  ["--project-name NAME", "what Compose calls the project (default: the composition's name)"],
  ["--preserve-ports", "publish ports of containers under the same numbers"],
  ["--host-network", "run services on the host's network"],
  ["--dev, --optimized", "the profile of Cargo programs,"],
  ["--release", "  at most one of the three"],
  ["--coverage", "instrument for coverage (CI_COVERAGE_ENABLED)"],
  ["--sanitizer NAME", "build with a sanitizer (CI_SANITIZER)"],
  ["--arch ARCH", "x86_64 or aarch64 (default: this machine's)"],
  ["--image-registry NAME", "registry and path of the images' names"],
  ["--image-prefix TEXT", "put before each image's name"],
  ["--buildkit ADDRESS", "the engine that builds (BUILDKIT_HOST)"],
  ["--builder NAME", "the engine that builds: a docker buildx builder"],
  ["--secret SPEC", "a secret for builds: id=ID[,src=FILE|,env=NAME]"],
  ["--ssh SPEC", "an ssh agent for builds"],
  ["--build-context N=S", "replaces an image or adds a context in builds"],
  ["--no-install", "never install packages into the system"],
  ["--ignore-docker-version", "take any version of Docker and Compose"],
  ["--mz-quiet", "no progress messages (MZ_QUIET)"],
  ["-C DIR, --root DIR", "run as if started in DIR; the repository's root (MZ_ROOT)"],
  ["--debug", "show stack traces of errors"],
];
