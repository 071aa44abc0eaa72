/** The commands of docker compose, and what they need of a composition's images. docs/format.md, "Commands". */

export type ImageNeed =
  /** They run containers: images are acquired first. */
  | "acquire"
  /** They see the specs of images: fingerprints are computed. */
  | "resolve"
  /** Images are named without a tag: nothing is hashed or acquired. */
  | "none";

interface ComposeCommand {
  readonly need: ImageNeed;
  readonly description: string;
  /** Options that a value follows, as an argument of its own. */
  readonly valued?: readonly string[];
  /** Whether names of services are what its arguments are. */
  readonly services?: "all" | "first";
}

const RUN_OPTIONS = [
  "--name",
  "--entrypoint",
  "-e",
  "--env",
  "--env-from-file",
  "-l",
  "--label",
  "-p",
  "--publish",
  "-u",
  "--user",
  "-v",
  "--volume",
  "-w",
  "--workdir",
  "--cap-add",
  "--cap-drop",
  "--pull",
];

const COMMANDS = {
  attach: { need: "none", description: "attach to a service's container", services: "first" },
  build: { need: "resolve", description: "build services that have a build section" },
  commit: { need: "none", description: "make an image of a service's changed container" },
  config: { need: "resolve", description: "print the composition as Compose gets it" },
  cp: { need: "acquire", description: "copy files between a container and this machine", valued: ["--index"] },
  create: {
    need: "acquire",
    description: "create containers",
    valued: ["--pull", "--scale"],
    services: "all",
  },
  down: { need: "none", description: "stop and remove containers, networks and volumes" },
  events: { need: "none", description: "show what happens to containers" },
  exec: {
    need: "none",
    description: "run a command in a running container",
    valued: ["-e", "--env", "--index", "-u", "--user", "-w", "--workdir"],
    services: "first",
  },
  export: { need: "none", description: "write a container's file system as a tar archive" },
  images: { need: "none", description: "list the images of containers" },
  kill: { need: "none", description: "kill containers", valued: ["-s", "--signal"], services: "all" },
  logs: {
    need: "none",
    description: "show what containers have written",
    valued: ["--index", "--since", "-n", "--tail", "--until"],
    services: "all",
  },
  pause: { need: "none", description: "pause services", services: "all" },
  port: { need: "none", description: "print the host's port for a service's port" },
  ps: { need: "none", description: "list containers" },
  pull: { need: "resolve", description: "pull images" },
  push: { need: "resolve", description: "push images" },
  restart: { need: "none", description: "restart containers" },
  rm: { need: "none", description: "remove stopped containers" },
  run: {
    need: "acquire",
    description: "run a workflow, or a command in a new container of a service",
    valued: RUN_OPTIONS,
  },
  scale: { need: "resolve", description: "set how many containers services have" },
  start: { need: "acquire", description: "start containers", valued: ["--wait-timeout"], services: "all" },
  stats: { need: "none", description: "show what containers use" },
  stop: { need: "none", description: "stop containers", valued: ["-t", "--timeout"], services: "all" },
  top: { need: "none", description: "show the processes of containers", services: "all" },
  unpause: { need: "none", description: "unpause services", services: "all" },
  up: {
    need: "acquire",
    description: "create and start containers",
    valued: ["--attach", "--exit-code-from", "--no-attach", "--pull", "--scale", "-t", "--timeout", "--wait-timeout"],
    services: "all",
  },
  version: { need: "none", description: "print the version of Compose" },
  volumes: { need: "none", description: "list volumes" },
  wait: { need: "none", description: "wait until containers of services end", services: "all" },
  watch: { need: "acquire", description: "rebuild and restart services when files change", services: "all" },
} as const satisfies Readonly<Record<string, ComposeCommand>>;

export type ComposeCommandName = keyof typeof COMMANDS;

export function composeCommand(name: string): ComposeCommand | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name as ComposeCommandName] : undefined;
}

export function composeCommandNames(): readonly string[] {
  return Object.keys(COMMANDS);
}

/** Where the first argument is that is no option and no option's value; -1 for none. */
export function firstPositional(command: string, args: readonly string[]): number {
  const valued = composeCommand(command)?.valued ?? [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") return index + 1 < args.length ? index + 1 : -1;
    if (!arg.startsWith("-") || arg === "-") return index;
    if (valued.includes(arg)) index += 1;
  }
  return -1;
}

/** The services that a command names; none may stand for all of them. */
export function namedServices(command: string, args: readonly string[]): readonly string[] {
  const names: string[] = [];
  let rest = args;
  const limit = composeCommand(command)?.services ?? "none";
  if (limit === "none") return [];
  for (;;) {
    const at = firstPositional(command, rest);
    const name = rest[at];
    if (at === -1 || name === undefined) return names;
    names.push(name);
    if (limit === "first") return names;
    rest = rest.slice(at + 1);
  }
}
