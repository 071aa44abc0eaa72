/** The docker command, for what only Docker itself does: keeping images by name, and running them where people look for them. */
import { execa } from "execa";
import type { Engine } from "../../client/index.ts";
import type { Terminal } from "../terminal.ts";

export interface DockerCommand {
  readonly env: Terminal["env"];
  /** What leads it to its daemon, before the command's own arguments. */
  readonly connection: readonly string[];
}

/** That of the user: where their `docker` command goes by itself. */
export function userDocker({ env }: Terminal): DockerCommand {
  return { env, connection: [] };
}

/** Whether an engine is Docker's own BuildKit, however it was found. */
export function isDockerEngine({ address }: Engine): boolean {
  return address.startsWith("docker:");
}

/** That of an engine which is Docker's own BuildKit. */
export function engineDocker({ env }: Terminal, { address, tls }: Engine): DockerCommand {
  const files = tls === undefined ? [] : [tls.ca, tls.cert, tls.key];
  const options = ["--tlscacert", "--tlscert", "--tlskey"].flatMap((option, index) => {
    const file = files[index];
    return file === undefined ? [] : [option, file];
  });
  const encrypted = options.length === 0 ? [] : ["--tlsverify", ...options];
  return { env, connection: ["--host", address.replace(/^docker:/, ""), ...encrypted] };
}

export interface DockerOutcome {
  /** undefined: ended by a signal, or never started. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end, without input; a failure is a result, and so is a machine without the command. */
export async function runDocker(docker: DockerCommand, args: readonly string[]): Promise<DockerOutcome> {
  const { exitCode, stdout, stderr } = await execa("docker", [...docker.connection, ...args], {
    env: { ...docker.env },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  return { exitCode, stdout, stderr };
}
