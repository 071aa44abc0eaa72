/**
 * Which login docker's configuration gives for a registry.
 * Source: docker/cli v29.7.2: configfile/file.go (GetAuthConfig, GetCredentialsStore), credentials/file_store.go;
 * moby/buildkit v0.33.0: session/auth/authprovider/authconfigprovider.go (the key of Docker Hub).
 */
import type { CredentialHelper } from "./credential-helper.ts";
import { ANONYMOUS, type DockerConfig, type RegistryLogin } from "./docker-config.ts";

const DOCKER_HUB_KEY = "https://index.docker.io/v1/";
const DOCKER_HUB_HOSTS = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** Anonymous where nothing is configured. Throws what the helper throws. */
export async function registryLogin(
  config: DockerConfig,
  host: string,
  helper: CredentialHelper,
): Promise<RegistryLogin> {
  const key = DOCKER_HUB_HOSTS.has(host) ? DOCKER_HUB_KEY : host;
  const fromEnvironment = config.environmentLogins.get(key);
  if (fromEnvironment !== undefined) return fromEnvironment;
  const kept = loginInFile(config.logins, key);
  const name = config.helpers.get(key) ?? config.defaultHelper;
  if (name === undefined || name === "") return kept;
  // The file can hold a registry token besides what the helper keeps.
  return { ...(await helper(name, key)), registryToken: kept.registryToken };
}

/** The login that the file itself holds, also under an old-style URL as key. */
export function loginInFile(logins: ReadonlyMap<string, RegistryLogin>, key: string): RegistryLogin {
  const exact = logins.get(key);
  if (exact !== undefined) return exact;
  for (const [registry, login] of logins) {
    if (hostOf(registry) === key) return login;
  }
  return ANONYMOUS;
}

function hostOf(registry: string): string {
  return registry.replace(/^[a-z]+:\/\//i, "").split("/")[0] ?? "";
}
