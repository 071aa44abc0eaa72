// Docker's programs for tests: whatever this machine has of them, else those of Debian's next release, which run anywhere
// since they need little of the system. They are fetched once, in seconds, and installed nowhere.
import { join } from "node:path";
import { findProgram } from "../../client/engine/command.ts";
import { provideFromPackage } from "../../client/engine/debian-package.ts";
import { withFileLock } from "../../client/engine/file-lock.ts";
import { cacheDir, setupOf } from "../../client/engine/host.ts";
import { say, testHost } from "./engine.ts";

const SUITE = "forky";
const PLUGINS = "usr/libexec/docker/cli-plugins";

/** Package, program in it, and what the program does to show that it runs. */
const PROGRAMS = {
  docker: ["docker-cli", "usr/bin/docker", "--version"],
  dockerd: ["docker.io", "usr/sbin/dockerd", "--version"],
  "docker-proxy": ["docker.io", "usr/sbin/docker-proxy", "--version"],
  "docker-buildx": ["docker-buildx", `${PLUGINS}/docker-buildx`, "version"],
  "docker-compose": ["docker-compose", `${PLUGINS}/docker-compose`, "version"],
} as const;

export type DockerProgram = keyof typeof PROGRAMS;

/**
 * The program's path; undefined, after a line that says why, where it is not there and can't be had. Clients alone
 * (docker, docker-buildx, docker-compose) are whole; a daemon needs more around it than its program.
 */
export async function dockerProgram(name: DockerProgram): Promise<string | undefined> {
  const host = testHost();
  const binDir = join(cacheDir(host), "test-docker");
  const find = () => findProgram(host, name, [binDir]);
  const there = find();
  if (there !== undefined) return there;
  const onWait = () => say({ kind: "setup", text: `waiting for another run that fetches ${name}` });
  const result = await withFileLock(
    `${binDir}.lock`,
    { path: host.env["PATH"] ?? "", onWait, signal: undefined },
    async () => {
      if (find() !== undefined) return undefined;
      const [packageName, program, check] = PROGRAMS[name];
      const request = { package: packageName, program, check: [check], binDir, suite: SUITE };
      return provideFromPackage(setupOf(host, { install: false }, say), request);
    },
  );
  if (result?.kind === "missing") say({ kind: "setup", text: `${name}: ${result.reason}` });
  return find();
}
