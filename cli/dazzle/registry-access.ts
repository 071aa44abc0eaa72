/** The registry as the project commands and the builds ask it, with docker's logins. */
import { join } from "node:path";
import {
  credentialHelper,
  type DockerConfig,
  loadDockerConfig,
  type Registry,
  type RepositoryAddress,
  registry,
} from "../../client/index.ts";
import type { ImageName, TargetRepository } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";

export function openRegistry({ env, homeDir, signal }: Terminal): Registry {
  let config: Promise<DockerConfig> | undefined;
  return registry({
    config: () => {
      const directory = env["DOCKER_CONFIG"] || join(homeDir, ".docker");
      config ??= loadDockerConfig({ directory, environmentLogins: env["DOCKER_AUTH_CONFIG"] });
      return config;
    },
    helper: credentialHelper(env),
    signal,
  });
}

export function addressOf({ host, path }: TargetRepository): RepositoryAddress {
  return { host, path };
}

/** Where an image is stored. */
export function addressOfName({ repository }: ImageName): RepositoryAddress {
  const slash = repository.indexOf("/");
  return { host: repository.slice(0, slash), path: repository.slice(slash + 1) };
}
