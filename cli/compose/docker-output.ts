import { execFile } from "node:child_process";
import type { Terminal } from "../terminal.ts";

export interface DockerOutput {
  readonly succeeded: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command of docker says; its failure is a result. Without a library, which a short command would wait for. */
export function dockerOutput({ env }: Pick<Terminal, "env">, args: readonly string[]): Promise<DockerOutput> {
  return new Promise((resolve) => {
    execFile("docker", [...args], { env: { ...env }, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve({ succeeded: error === null, stdout, stderr }),
    );
  });
}
