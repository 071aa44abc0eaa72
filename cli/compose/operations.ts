/** What workflows can do, on a composition in use. The contract is that of `CompositionOperations`. */
import { setTimeout as delay } from "node:timers/promises";
import {
  type CommandResult,
  type CompositionOperations,
  firstPort,
  type JsonObject,
  type Service,
  type ServicesRequest,
  WorkflowError,
} from "../../compose/index.ts";
import { didYouMean } from "../../mzbuild/index.ts";
import { dockerOutput } from "./docker-output.ts";
import { composeFailure } from "./failure.ts";
import { type ComposeCall, downCall, execCall, flag, option, runCall, upCall } from "./operation-commands.ts";
import type { ComposeProject } from "./project.ts";
import { isQuiet } from "./quiet.ts";
import type { TestReport } from "./test-report.ts";
import { waitForHealth } from "./wait-for-health.ts";

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
  const invoke = async ({ args, check = true, ...how }: ComposeCall): Promise<CommandResult> => {
    terminal.signal.throwIfAborted();
    say(`$ docker compose ${args.map(quoted).join(" ")}`);
    const result = await project.invoke(args, how);
    if (!check || result.exitCode === 0) return result;
    if (how.captureStderr) terminal.stderr.write(result.stderr);
    const { message } = await composeFailure(project, args, result.exitCode);
    throw new WorkflowError(message);
  };
  const onServices =
    (command: string) =>
    async ({ services = [] }: ServicesRequest): Promise<void> =>
      void (await invoke({ args: [command, ...services] }));
  const quietly = async (args: readonly string[]): Promise<string> =>
    (await project.invoke(args, { capture: true, captureStderr: true })).stdout;

  return {
    invoke,
    up: async ({ persistent = false, ...request }) => {
      if (persistent === false) return void (await invoke(upCall(request)));
      const meant = persistent === true ? (request.services ?? []) : persistent;
      project.pushOverride(asleep(await project.services(), meant));
      try {
        await invoke(upCall(request));
      } finally {
        project.popOverride();
      }
    },
    run: (request) => invoke(runCall(request)),
    exec: (request) => invoke(execCall(request)),
    down: async (request) => void (await invoke(downCall(request))),
    kill: async ({ services = [], signal = "SIGKILL", wait = signal === "SIGKILL" }) => {
      await invoke({ args: ["kill", "--signal", signal, ...services] });
      if (!wait) return;
      const deadline = terminal.now() + KILL_DEADLINE_MS;
      while ((await quietly(["ps", "--quiet", "--status", "running", ...services])).trim() !== "") {
        if (terminal.now() > deadline) throw new WorkflowError(`${services.join(", ")}: still running after a kill`);
        await delay(POLL_MS, undefined, { signal: terminal.signal });
      }
    },
    start: onServices("start"),
    stop: async ({ services = [], timeoutSeconds }) => {
      await invoke({ args: ["stop", ...option("--timeout", timeoutSeconds), ...services] });
    },
    restart: onServices("restart"),
    pause: onServices("pause"),
    unpause: onServices("unpause"),
    rm: async ({ services = [], stop = true, volumes = true }) => {
      const flags = [...flag("--stop", stop), ...flag("--volumes", volumes)];
      // What it is going to do it says on standard output, which is the workflow's.
      await invoke({ args: ["rm", "--force", ...flags, ...services], capture: true });
    },
    removeVolumes: async ({ volumes, force = false }) => {
      const name = await project.projectName();
      const names = volumes.map((volume) => `${name}_${volume}`);
      const { succeeded, stderr } = await dockerOutput(terminal, ["volume", "rm", ...flag("--force", force), ...names]);
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
    logs: ({ services = [], tail }) =>
      quietly(["logs", "--no-color", "--no-log-prefix", ...option("--tail", tail), ...services]),
    containerId: async ({ service }) => (await quietly(["ps", "--all", "--quiet", service])).split("\n")[0] || null,
    pushOverride: async ({ services, allowNew = false }) => {
      if (!allowNew) checkKnown(services, await project.services());
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

function checkKnown(override: readonly Service[], services: readonly Service[]): void {
  const names = services.map(({ name }) => name);
  const unknown = override.find(({ name }) => !names.includes(name));
  if (unknown === undefined) return;
  throw new WorkflowError(`an override names service ${unknown.name}, which the composition doesn't have`, {
    hint: didYouMean(unknown.name, names) ?? "allow new services if it is meant to be one",
  });
}

async function ownPort(project: ComposeProject, name: string): Promise<number> {
  const service = (await project.services()).find((each) => each.name === name);
  const port = firstPort(service?.config.ports);
  if (port !== undefined) return port;
  throw new WorkflowError(service === undefined ? `no such service: ${name}` : `service ${name} publishes no port`);
}

/** Services whose containers do nothing. */
function asleep(services: readonly Service[], names: readonly string[]): readonly Service[] {
  const meant = services.filter(({ name }) => names.length === 0 || names.includes(name));
  return meant.map(({ name, config }) => ({
    name,
    config: { ...config, entrypoint: ["sleep", "infinity"], command: [], healthcheck: { disable: true } },
  }));
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}
