/** Containers of a composition as `docker compose ps` tells of them, and what they have last said. */
import type { ComposeProject } from "./project.ts";

export interface ContainerState {
  readonly service: string;
  readonly name: string;
  /** "running", "exited", "created", … */
  readonly state: string;
  /** "healthy", "unhealthy", "starting"; empty without a health check. */
  readonly health: string;
  readonly exitCode: number;
}

/** Of these services, or of all; those that have ended are among them. */
export async function containersOf(
  project: ComposeProject,
  services: readonly string[],
): Promise<readonly ContainerState[]> {
  const args = ["ps", "--all", "--format", "json", ...services];
  const { exitCode, stdout } = await project.invoke(args, { capture: true, captureStderr: true });
  if (exitCode !== 0) return [];
  return parseContainers(stdout);
}

interface PsEntry {
  readonly Service?: string;
  readonly Name?: string;
  readonly State?: string;
  readonly Health?: string;
  readonly ExitCode?: number;
}

/** One object a line; before Compose 2.21 one array. */
export function parseContainers(json: string): readonly ContainerState[] {
  const lines = json.split("\n").filter((line) => line.trim() !== "");
  const entries = lines.flatMap((line): readonly PsEntry[] => [JSON.parse(line)].flat());
  return entries.map(({ Service = "", Name = "", State = "", Health = "", ExitCode = 0 }) => ({
    service: Service,
    name: Name,
    state: State.toLowerCase(),
    health: Health.toLowerCase(),
    exitCode: ExitCode,
  }));
}

export function isBroken({ state, health, exitCode }: ContainerState): boolean {
  return health === "unhealthy" || state === "dead" || (state === "exited" && exitCode !== 0);
}

export function describeState({ state, health, exitCode }: ContainerState): string {
  if (health === "unhealthy") return "is unhealthy";
  return state === "exited" ? `has ended (exit code ${exitCode})` : `is ${state}`;
}

const SHOWN_LINES = 10;

/** Why services don't run: those that are broken, each with the last lines of its log. Empty where none is. */
export async function explainBroken(project: ComposeProject, services: readonly string[]): Promise<string> {
  const broken = (await containersOf(project, services)).filter(isBroken);
  const parts = await Promise.all(
    broken.map(async (container) => {
      const args = ["logs", "--no-color", "--no-log-prefix", "--tail", String(SHOWN_LINES), container.service];
      const { stdout } = await project.invoke(args, { capture: true, captureStderr: true });
      const lines = stdout.trimEnd().split("\n").slice(-SHOWN_LINES);
      const said = stdout.trim() === "" ? "  it has written nothing\n" : lines.map((line) => `  | ${line}\n`).join("");
      return `service ${container.service} ${describeState(container)}; its last lines:\n${said}`;
    }),
  );
  return parts.join("");
}
