// Programs as a user has them, in processes of their own with a home of their own. What is expensive is shared: caches of the user.
import { dirname, join } from "node:path";
import { execa, type Options } from "execa";
import { cacheDir } from "../../client/engine/host.ts";
import { testHost } from "./engine.ts";

/** Variables that say what is built or where, which a developer may have set. */
const OWN_VARIABLES = /^(MZ_|MZBUILD_|CI$|CI_|BUILDKIT_|BUILDX_|DOCKER_|COMPOSE_|NO_COLOR$|FORCE_COLOR$|GIT_)/;

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export type Environment = Readonly<Record<string, string>>;

/** The environment of the tests, but for what is the developer's own, with `home` in its place. */
export function environmentIn(home: string, own: Environment): Environment {
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_VARIABLES.test(name));
  return {
    ...Object.fromEntries(inherited.map(([name, value]) => [name, value ?? ""])),
    HOME: home,
    XDG_CACHE_HOME: dirname(cacheDir(testHost())),
    XDG_DATA_HOME: join(home, "data"),
    XDG_CONFIG_HOME: join(home, "config"),
    ...own,
  };
}

export interface Place {
  readonly cwd: string;
  readonly env: Environment;
}

/** Its input is closed unless `options` says otherwise; a failure is an outcome. */
export function startProgram(program: string, args: readonly string[], { cwd, env }: Place, options: Options = {}) {
  return execa(program, args, {
    reject: false,
    stdin: "ignore",
    stripFinalNewline: false,
    extendEnv: false,
    ...options,
    cwd,
    env: { ...env, ...options.env },
  });
}

/** Throws where Node itself said something, such as that listeners are piling up: nothing that a user should ever see. */
export async function outcomeOf(started: ReturnType<typeof startProgram>): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await started;
  const [warning] = /^\(node:\d+\) .*/m.exec(String(stderr)) ?? [];
  if (warning !== undefined) throw new Error(`Node warned: ${warning}`);
  return { exitCode, stdout: String(stdout), stderr: String(stderr) };
}
