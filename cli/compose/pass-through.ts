/** Compose's own commands on a composition. docs/format.md, "Commands". */

import { didYouMean } from "../../mzbuild/index.ts";
import { UsageError } from "../usage-error.ts";
import { firstPositional } from "./compose-commands.ts";
import type { ComposeProject } from "./project.ts";
import { isQuiet } from "./quiet.ts";

/** Commands behind whose first argument everything is that of another program. */
const PASSING = ["exec", "run"];

/** Whether it is Compose's help that is asked for. */
export function wantsHelp(command: string, args: readonly string[]): boolean {
  const at = PASSING.includes(command) ? firstPositional(command, args) : -1;
  const own = at === -1 ? args : args.slice(0, at);
  return own.some((arg) => arg === "--help" || (arg === "-h" && command !== "logs"));
}

/** The exit code. Throws as `ComposeProject.invoke`, and `ComposeError` "compose-failed". */
export async function passThrough(project: ComposeProject, command: string, args: readonly string[]): Promise<number> {
  switch (command) {
    case "run":
      return run(project, args);
    case "down":
      return compose(project, ["down", "--timeout", "0", ...args, "--volumes", "--remove-orphans"]);
    case "build":
      return (await project.build(args)) ? 0 : compose(project, ["build", ...args]);
    default:
      return compose(project, [command, ...args]);
  }
}

async function compose(project: ComposeProject, args: readonly string[]): Promise<number> {
  const { exitCode } = await project.invoke(args, { interactive: true });
  if (exitCode === 0) return 0;
  const { composeFailure } = await import("./failure.ts");
  throw await composeFailure(project, args, exitCode);
}

async function run(project: ComposeProject, args: readonly string[]): Promise<number> {
  const at = firstPositional("run", args);
  const name = args[at];
  const { data } = await project.loaded(true);
  const workflows = data.workflows.map((workflow) => workflow.name);
  const services = data.services.map((service) => service.name);
  if (at === -1 || name === undefined) {
    throw new UsageError(
      "run takes the name of a workflow or a service",
      `there are ${[...workflows, ...services].join(", ")}`,
    );
  }
  const workflow = workflows.find((each) => each === name.replaceAll("_", "-"));
  if (workflow !== undefined) {
    if (at > 0) {
      throw new UsageError(
        `options before the name of a workflow: ${args.slice(0, at).join(" ")}`,
        `usage: mzcompose run ${name} [arguments]`,
      );
    }
    const { runAsTest } = await import("./run-workflow.ts");
    return runAsTest(project, workflow, args.slice(1));
  }
  if (!services.includes(name)) {
    const hint = didYouMean(name, [...workflows, ...services]);
    throw new UsageError(`no such service or workflow: ${name}`, hint ?? "mzcompose describe lists them");
  }
  // What it depends on is made anew where it has changed: Compose's own run leaves what is there.
  const { terminal, options } = project.context;
  const start = ["up", "--detach", "--scale", `${name}=0`, name];
  if (!isQuiet(options, terminal.env)) terminal.stderr.write(`$ docker compose ${start.join(" ")}\n`);
  await compose(project, start);
  return compose(project, ["run", ...args]);
}
