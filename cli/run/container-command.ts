/** What a container of an image runs: the image's config and the arguments of the command line, as `docker run` joins them. */

/** The part of an OCI image config that says how to run the image. Source: OCI image spec v1.1, config.md. */
export interface RunConfig {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Env?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly User?: string;
}

export interface ContainerCommand {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
}

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * `args` take the place of the image's Cmd, if there are any. With a terminal, `TERM` is the caller's. The list of
 * arguments is empty for an image that says nothing and gets none.
 */
export function containerCommand(
  config: RunConfig,
  args: readonly string[],
  { term }: { readonly term: string | undefined },
): ContainerCommand {
  const env = [...(config.Env ?? [])];
  if (!env.some((variable) => variable.startsWith("PATH="))) env.unshift(defaultPath);
  if (term !== undefined && !env.some((variable) => variable.startsWith("TERM="))) env.push(`TERM=${term}`);
  return {
    args: [...(config.Entrypoint ?? []), ...(args.length > 0 ? args : (config.Cmd ?? []))],
    env,
    cwd: config.WorkingDir || "/",
    user: config.User ?? "",
  };
}

/** The run part of an image config's JSON; an image without one runs with defaults. */
export function runConfigOf(imageConfig: string): RunConfig {
  const parsed: { readonly config?: RunConfig } = JSON.parse(imageConfig);
  return parsed.config ?? {};
}
