/** Registries as the user of this machine may use them: logins of docker's configuration, and those of the environment. */
import { join } from "node:path";
import {
  credentialHelper,
  type DockerConfig,
  loadDockerConfig,
  type RegistryClient,
  type RegistryLogin,
  registryClient,
  registryLogin,
} from "../client/index.ts";
import { BuildError, formatImageReference, parseImageReference } from "../llb/index.ts";
import type { Terminal } from "./terminal.ts";

/** Throws `ClientError` "bad-docker-config". */
export async function dockerConfigOf({ env, homeDir }: Terminal): Promise<DockerConfig> {
  const directory = env["DOCKER_CONFIG"] || join(homeDir, ".docker");
  const config = await loadDockerConfig({ directory, environmentLogins: env["DOCKER_AUTH_CONFIG"] });
  return { ...config, environmentLogins: new Map([...environmentLogins(env), ...config.environmentLogins]) };
}

/** Speaks to registries from this process: for what no build does, tags and records. */
export async function registryAccess(
  terminal: Terminal,
  { warn, waitsMs }: { readonly warn: (text: string) => void; readonly waitsMs?: readonly number[] },
): Promise<RegistryClient> {
  const config = await dockerConfigOf(terminal);
  const helper = credentialHelper(terminal.env);
  const logins = new Map<string, Promise<RegistryLogin>>();
  const loginOf = (host: string): Promise<RegistryLogin> => {
    const known = logins.get(host) ?? registryLogin(config, host, helper);
    logins.set(host, known);
    return known;
  };
  return registryClient({
    loginOf,
    signal: terminal.signal,
    onRetry: (error, waitMs) => {
      const reason = error instanceof Error ? error.message : String(error);
      warn(`trying again in ${Math.round(waitMs / 1000)} s: ${reason}`);
    },
    now: terminal.now,
    ...(waitsMs === undefined ? {} : { waitsMs }),
  });
}

/** `materialize/app` is `docker.io/materialize/app`. Throws `BuildError` "bad-reference" for what is no name of a repository. */
export function fullRepository(name: string): string {
  const parsed = parseImageReference(name);
  if (parsed.kind === "invalid") throw new BuildError("bad-reference", `${name}: ${parsed.message}`);
  const { domain, path } = parsed.reference;
  return formatImageReference({ domain, path, tag: undefined, digest: undefined });
}

/** Variables that CI systems of repositories in this format have. */
function environmentLogins(env: Terminal["env"]): ReadonlyMap<string, RegistryLogin> {
  const logins = new Map<string, RegistryLogin>();
  const none = { identityToken: "", registryToken: "" };
  const ghcr = env["GITHUB_GHCR_TOKEN"];
  // With a token, GitHub takes any name.
  if (ghcr) logins.set("ghcr.io", { username: "token", password: ghcr, ...none });
  const [username, password] = [env["DOCKERHUB_USERNAME"], env["DOCKERHUB_ACCESS_TOKEN"]];
  if (username && password) logins.set("https://index.docker.io/v1/", { username, password, ...none });
  return logins;
}
