/** What a container of an image runs: the image's config and the arguments of the command line, as `docker run` joins them. */
import type { ContainerConfig } from "../../frontend/dockerfile/index.ts";

export interface ContainerCommand {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
}

const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * `args` take the place of the image's Cmd, if there are any, and `env` that of its variables of the same names. With a terminal, `TERM` is the caller's. The list of
 * arguments is empty for an image that says nothing and gets none.
 */
export function containerCommand(
  config: ContainerConfig,
  args: readonly string[],
  { term, env: given = [] }: { readonly term: string | undefined; readonly env?: readonly string[] },
): ContainerCommand {
  const names = new Set(given.map(nameOf));
  const env = [...config.env.filter((variable) => !names.has(nameOf(variable))), ...given];
  if (!env.some((variable) => variable.startsWith("PATH="))) env.unshift(DEFAULT_PATH);
  if (term !== undefined && !env.some((variable) => variable.startsWith("TERM="))) env.push(`TERM=${term}`);
  return {
    args: [...config.entrypoint, ...(args.length > 0 ? args : config.cmd)],
    env,
    cwd: config.workingDir || "/",
    user: config.user,
  };
}

function nameOf(variable: string): string {
  return variable.replace(/=.*/s, "");
}
