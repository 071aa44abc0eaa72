/** What workflows ask for, as commands of docker compose. Pure. */
import type { CommandOptions, DownRequest, ExecRequest, RunRequest, UpRequest } from "../../compose/index.ts";

export interface ComposeCall extends CommandOptions {
  readonly args: readonly string[];
}

export function upCall({
  services = [],
  detach = true,
  wait = true,
  timeoutSeconds,
  options = [],
}: UpRequest): ComposeCall {
  const waiting = timeoutSeconds === undefined ? ["--wait"] : ["--wait", "--wait-timeout", String(timeoutSeconds)];
  const background = detach ? ["--detach", ...(wait ? waiting : [])] : [];
  return { args: ["up", ...background, ...options, ...services] };
}

export function runCall({
  service,
  args = [],
  detach = false,
  rm = !detach,
  env = {},
  entrypoint,
  options = [],
  ...how
}: RunRequest): ComposeCall {
  const flags = [
    ...flag("--detach", detach),
    ...flag("--rm", rm),
    ...variables(env),
    ...option("--entrypoint", entrypoint),
  ];
  return { ...how, args: ["run", "-T", ...flags, ...options, service, ...args] };
}

export function execCall({ service, args, detach = false, env = {}, workdir, ...how }: ExecRequest): ComposeCall {
  const flags = [...flag("--detach", detach), ...variables(env), ...option("--workdir", workdir)];
  return { ...how, args: ["exec", "-T", ...flags, service, ...args] };
}

export function downCall({ volumes = true, removeOrphans = true }: DownRequest): ComposeCall {
  return {
    args: ["down", "--timeout", "0", ...flag("--volumes", volumes), ...flag("--remove-orphans", removeOrphans)],
  };
}

export function flag(name: string, isSet: boolean): readonly string[] {
  return isSet ? [name] : [];
}

/** Left out where it has no value. */
export function option(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [name, String(value)];
}

function variables(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
}
