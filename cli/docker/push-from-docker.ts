/** Pushes an image that Docker has, as its user: with the logins of the docker command. */
import { ClientError } from "../../client/index.ts";
import { type DockerCommand, runDocker } from "./docker-command.ts";

/** The digest of what was pushed, where docker tells it. Throws `ClientError` "docker-push-failed" with docker's own words. */
export async function pushFromDocker(docker: DockerCommand, name: string): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await runDocker(docker, ["push", name]);
  if (exitCode === 0) return /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1];
  const reason = stderr.trim() || (exitCode === undefined ? "the docker command can't be run" : "it gave no reason");
  throw new ClientError("docker-push-failed", `docker push ${name} failed: ${reason}`);
}
