/** What is said when docker compose has failed. */

import { firstPositional, namedServices } from "./compose-commands.ts";
import { ComposeError } from "./compose-error.ts";
import { explainBroken } from "./containers.ts";
import type { ComposeProject } from "./project.ts";
import { explainTaken, wantedPorts } from "./taken-ports.ts";

/** Commands whose failure may be that of a service. */
const STARTING = ["up", "run", "start", "create", "restart"];

/** The error; why services don't run has been written to standard error before. */
export async function composeFailure(
  project: ComposeProject,
  args: readonly string[],
  exitCode: number,
): Promise<ComposeError> {
  const [command = "", ...rest] = args;
  if (STARTING.includes(command)) await explainStart(project, command, rest);
  return new ComposeError("compose-failed", `running docker compose failed (exit status ${exitCode})`, { exitCode });
}

async function explainStart(project: ComposeProject, command: string, rest: readonly string[]): Promise<void> {
  const { terminal } = project.context;
  const services = await project.services();
  const ports = services.flatMap(({ name, config }) => wantedPorts(name, config.ports));
  // A command that was run has said by itself what was wrong.
  const named = command === "run" ? [rest[firstPositional(command, rest)] ?? ""] : namedServices(command, rest);
  const asked = command === "run" ? services.map(({ name }) => name).filter((name) => !named.includes(name)) : [];
  const [broken, taken] = await Promise.all([
    explainBroken(project, asked),
    explainTaken(terminal, ports, await project.projectName()),
  ]);
  terminal.stderr.write(broken + taken);
}
