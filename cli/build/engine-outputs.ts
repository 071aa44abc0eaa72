/** Outputs as the engine can give them: Docker's own BuildKit has ways of its own, and leaves pushing to `docker push`. */
import { dockerStore, type OutputOption, outputsForDocker } from "../../client/index.ts";
import { engineDocker, isDockerEngine } from "../docker/docker-command.ts";
import { pushFromDocker } from "../docker/push-from-docker.ts";
import type { ConnectedEngine } from "../engine-host.ts";
import type { Progress } from "../progress/index.ts";
import type { Terminal } from "../terminal.ts";

export interface EngineOutputs {
  readonly outputs: readonly OutputOption[];
  /** What is left to do when the build has succeeded. Resolves to the digest of what it pushed; throws `ClientError`. */
  readonly finish: () => Promise<string | undefined>;
}

/** Throws `ClientError` "bad-option" for what the engine can't export. */
export async function outputsForEngine(
  terminal: Terminal,
  { engine, client }: ConnectedEngine,
  progress: Progress,
  outputs: readonly OutputOption[],
): Promise<EngineOutputs> {
  if (!isDockerEngine(engine) || outputs.length === 0) return { outputs, finish: async () => undefined };
  const { outputs: fitted, push } = outputsForDocker(outputs, await dockerStore(client));
  const finish = async () => {
    let digest: string | undefined;
    for (const name of push) {
      progress.note(`docker push ${name}`);
      digest = await pushFromDocker(engineDocker(terminal, engine), name);
    }
    return digest;
  };
  return { outputs: fitted, finish };
}
