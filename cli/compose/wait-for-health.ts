/** Waits until containers are up and healthy, for workflows. */
import { setTimeout as delay } from "node:timers/promises";
import { WorkflowError } from "../../compose/index.ts";
import { containersOf, describeState, explainBroken, isBroken } from "./containers.ts";
import type { ComposeProject } from "./project.ts";

const POLL_MS = 200;

/** Without services, of all that have containers. Throws `WorkflowError` where one is broken, and when the time is over. */
export async function waitForHealth(
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
