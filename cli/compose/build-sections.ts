import type { ComposeProject } from "./project.ts";

/** Whether the services' build sections were built; false leaves them to Compose. */
export async function buildSections(_project: ComposeProject, _args: readonly string[]): Promise<boolean> {
  return false;
}
