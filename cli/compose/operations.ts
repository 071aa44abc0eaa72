/** What workflows can do, on a composition in use. The contract is that of `CompositionOperations`. */
import { setTimeout as delay } from "node:timers/promises";
import {
  type CommandOptions,
  type CommandResult,
  type CompositionOperations,
  firstPort,
  type JsonObject,
  type Service,
  WorkflowError,
} from "../../compose/index.ts";
import { didYouMean } from "../../mzbuild/index.ts";
import { containersOf, describeState, explainBroken, isBroken } from "./containers.ts";
import { dockerOutput } from "./docker-output.ts";
import { composeFailure } from "./failure.ts";
import type { ComposeProject } from "./project.ts";
import { isQuiet } from "./quiet.ts";
import type { TestReport } from "./test-report.ts";

const POLL_MS = 200;
const KILL_DEADLINE_MS = 60_000;

/** `runWorkflow` runs another one of the composition. */
export function operationsOn(
  project: ComposeProject,
  report: TestReport,
  runWorkflow: (name: string, args: readonly string[]) => Promise<void>,
): CompositionOperations {
  const { terminal, options } = project.context;
  const say = (text: string): void => {
    if (!isQuiet(options, terminal.env)) terminal.stderr.write(`${text}\n`);
  };
  const invoke = async (args: readonly string[], command: CommandOptions = {}): Promise<CommandResult> => {
    terminal.signal.throwIfAborted();
    say(`$ docker compose ${args.map(quoted).join(" ")}`);
    const { check = true, ...how } = command;
    const result = await project.invoke(args, how);
    if (!check || result.exitCode === 0) return result;
    if (how.captureStderr) terminal.stderr.write(result.stderr);
    const { message } = await composeFailure(project, args, result.exitCode);
    throw new WorkflowError(message);
  };
  const quietly = async (args: readonly string[]): Promise<string> =>
    (await project.invoke(args, { capture: true, captureStderr: true })).stdout;

  return {
    invoke: ({ args, ...how }) => invoke(args, how),
    up: async ({ services = [], detach = true, wait = true, timeoutSeconds, persistent = false, options = [] }) => {
      const args = [
        "up",
        ...(detach ? ["--detach"] : []),
        ...(detach && wait ? ["--wait"] : []),
        ...(detach && wait && timeoutSeconds !== undefined ? ["--wait-timeout", String(timeoutSeconds)] : []),
        ...options,
        ...services,
      ];
      if (persistent === false) return void (await invoke(args));
      project.pushOverride(asleep(await project.services(), persistent === true ? services : persistent));
      try {
        await invoke(args);
      } finally {
        project.popOverride();
      }
    },
    run: ({ service, args = [], detach = false, rm = !detach, env = {}, entrypoint, options = [], ...how }) =>
      invoke(
        [
          "run",
          "-T",
          ...(detach ? ["--detach"] : []),
          ...(rm ? ["--rm"] : []),
          ...variables(env),
          ...(entrypoint === undefined ? [] : ["--entrypoint", entrypoint]),
          ...options,
          service,
          ...args,
        ],
        how,
      ),
    exec: ({ service, args, detach = false, env = {}, workdir, ...how }) =>
      invoke(
        [
          "exec",
          "-T",
          ...(detach ? ["--detach"] : []),
          ...variables(env),
          ...(workdir === undefined ? [] : ["--workdir", workdir]),
          service,
          ...args,
        ],
        how,
      ),
    down: async ({ volumes = true, removeOrphans = true }) => {
      const flags = [...(volumes ? ["--volumes"] : []), ...(removeOrphans ? ["--remove-orphans"] : [])];
      await invoke(["down", "--timeout", "0", ...flags]);
    },
    kill: async ({ services = [], signal = "SIGKILL", wait = signal === "SIGKILL" }) => {
      await invoke(["kill", "--signal", signal, ...services]);
      if (!wait) return;
      const deadline = terminal.now() + KILL_DEADLINE_MS;
      while ((await quietly(["ps", "--quiet", "--status", "running", ...services])).trim() !== "") {
        if (terminal.now() > deadline) throw new WorkflowError(`${services.join(", ")}: still running after a kill`);
        await delay(POLL_MS, undefined, { signal: terminal.signal });
      }
    },
    start: async ({ services = [] }) => void (await invoke(["start", ...services])),
    stop: async ({ services = [], timeoutSeconds }) => {
      const timeout = timeoutSeconds === undefined ? [] : ["--timeout", String(timeoutSeconds)];
      await invoke(["stop", ...timeout, ...services]);
    },
    restart: async ({ services = [] }) => void (await invoke(["restart", ...services])),
    pause: async ({ services = [] }) => void (await invoke(["pause", ...services])),
    unpause: async ({ services = [] }) => void (await invoke(["unpause", ...services])),
    rm: async ({ services = [], stop = true, volumes = true }) => {
      const flags = [...(stop ? ["--stop"] : []), ...(volumes ? ["--volumes"] : [])];
      // What it is going to do it says on standard output, which is the workflow's.
      await invoke(["rm", "--force", ...flags, ...services], { capture: true });
    },
    removeVolumes: async ({ volumes, force = false }) => {
      const name = await project.projectName();
      const names = volumes.map((volume) => `${name}_${volume}`);
      const args = ["volume", "rm", ...(force ? ["--force"] : []), ...names];
      const { succeeded, stderr } = await dockerOutput(terminal, args);
      if (!succeeded) throw new WorkflowError(`volumes can't be removed: ${stderr.trim()}`);
    },
    port: async ({ service, port }) => {
      const wanted = port ?? (await ownPort(project, service));
      const printed = await quietly(["port", service, String(wanted)]);
      const found = Number(/:(\d+)\s*$/.exec(printed)?.[1]);
      if (Number.isInteger(found) && found > 0) return found;
      if (options.hostNetwork) return wanted;
      throw new WorkflowError(
        `port ${wanted} of service ${service} is not published: it doesn't run, or has no such port`,
      );
    },
    waitForHealth: ({ services = [], timeoutSeconds }) => waitForHealth(project, services, timeoutSeconds),
    logs: ({ services = [], tail }) => {
      const limit = tail === undefined ? [] : ["--tail", String(tail)];
      return quietly(["logs", "--no-color", "--no-log-prefix", ...limit, ...services]);
    },
    containerId: async ({ service }) => (await quietly(["ps", "--all", "--quiet", service])).split("\n")[0] || null,
    pushOverride: async ({ services, allowNew = false }) => {
      const names = (await project.services()).map(({ name }) => name);
      const unknown = services.find(({ name }) => !allowNew && !names.includes(name));
      if (unknown !== undefined) {
        const hint = didYouMean(unknown.name, names);
        throw new WorkflowError(`an override names service ${unknown.name}, which the composition doesn't have`, {
          hint: hint ?? "allow new services if it is meant to be one",
        });
      }
      project.pushOverride(services);
    },
    popOverride: async () => project.popOverride(),
    beginTest: async ({ name }) => {
      say(`==> Running test case ${name}`);
      report.begin(name);
    },
    endTest: async ({ name, error }) => {
      report.end(name, error);
      if (error === undefined) say(`==> mzcompose: test case ${name} succeeded`);
      else terminal.stderr.write(`==> mzcompose: test case ${name} failed: ${error.message}\n`);
    },
    workflow: ({ name, args = [] }) => runWorkflow(name, args),
    services: async () =>
      Object.fromEntries(
        // Configurations are JSON, whose absent values are not there.
        (await project.services()).map(({ name, config }) => [name, JSON.parse(JSON.stringify(config)) as JsonObject]),
      ),
    say: async ({ text }) => say(text),
  };
}

async function ownPort(project: ComposeProject, name: string): Promise<number> {
  const service = (await project.services()).find((each) => each.name === name);
  const port = firstPort(service?.config.ports);
  if (port !== undefined) return port;
  throw new WorkflowError(service === undefined ? `no such service: ${name}` : `service ${name} publishes no port`);
}

async function waitForHealth(
  project: ComposeProject,
  services: readonly string[],
  timeoutSeconds: number | undefined,
): Promise<void> {
  const { terminal } = project.context;
  const deadline = timeoutSeconds === undefined ? Number.POSITIVE_INFINITY : terminal.now() + timeoutSeconds * 1000;
  for (;;) {
    const containers = await containersOf(project, services);
    const broken = containers.find(isBroken);
    if (broken !== undefined) {
      terminal.stderr.write(await explainBroken(project, services));
      throw new WorkflowError(`service ${broken.service} ${describeState(broken)}`);
    }
    const absent = services.filter((name) => !containers.some(({ service }) => service === name));
    const waiting = containers.filter(({ state, health }) => state !== "running" || health === "starting");
    const ended = waiting.filter(({ state, exitCode }) => state === "exited" && exitCode === 0);
    if (absent.length === 0 && waiting.length === ended.length && containers.length > 0) return;
    if (terminal.now() > deadline) {
      const names = [...absent, ...waiting.map(({ service }) => service)].join(", ");
      throw new WorkflowError(`not healthy after ${timeoutSeconds} s: ${names || "no container is there"}`);
    }
    await delay(POLL_MS, undefined, { signal: terminal.signal });
  }
}

/** Services whose containers do nothing. */
function asleep(services: readonly Service[], names: readonly string[]): readonly Service[] {
  const meant = services.filter(({ name }) => names.length === 0 || names.includes(name));
  return meant.map(({ name, config }) => ({
    name,
    config: { ...config, entrypoint: ["sleep", "infinity"], command: [], healthcheck: { disable: true } },
  }));
}

function variables(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}
