// `docker buildx` and `docker compose` for tests, as people have them who use a BuildKit that runs elsewhere: command lines
// of their own configuration, with a builder of the remote driver, and no Docker daemon.
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import type { DockerPrograms } from "./docker-root.ts";

export interface DockerCommand extends AsyncDisposable {
  /** A directory for whatever a test writes. */
  readonly home: string;
  /** Runs `docker ARGS` in the directory `cwd`, and returns what it prints; throws with all that it says where it fails. */
  run(cwd: string, args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** What `docker ARGS`, which has to fail, says. */
  failure(cwd: string, args: readonly string[]): Promise<string>;
}

/** Every build of it goes to the buildkitd at `address`. */
export async function dockerCommand({ binDir, cliPlugins }: DockerPrograms, address: string): Promise<DockerCommand> {
  const home = await mkdtemp(join(tmpdir(), "mzbuild-buildx-"));
  const config = join(home, ".docker");
  await mkdir(config);
  await symlink(cliPlugins, join(config, "cli-plugins"));
  const env = {
    PATH: `${binDir}:${process.env["PATH"] ?? ""}`,
    HOME: home,
    DOCKER_CONFIG: config,
    // Nobody is there: what needs a daemon fails.
    DOCKER_HOST: `unix://${join(home, "no-docker.sock")}`,
    BUILDX_BUILDER: "test",
    BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
    // Where the directory is given, files of a parent's .env or compose.yml are not ours.
    COMPOSE_DISABLE_ENV_FILE: "1",
  };
  const start = (cwd: string, args: readonly string[]) =>
    execa(join(binDir, "docker"), args, { cwd, env, extendEnv: false, stdin: "ignore", reject: false });
  const run: DockerCommand["run"] = async (cwd, args) => {
    const { exitCode, stdout, stderr } = await start(cwd, args);
    if (exitCode === 0) return { stdout, stderr: stripVTControlCharacters(stderr) };
    throw new Error(`docker ${args.join(" ")}: exit code ${exitCode}\n${stderr}\n${stdout}`);
  };
  await run(home, ["buildx", "create", "--name", "test", "--driver", "remote", address]);
  return {
    home,
    run,
    failure: async (cwd, args) => {
      const { exitCode, stdout, stderr } = await start(cwd, args);
      if (exitCode === 0) throw new Error(`docker ${args.join(" ")} succeeds:\n${stdout}`);
      return stripVTControlCharacters(`${stdout}\n${stderr}`);
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}
