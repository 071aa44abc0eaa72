/** The BuildKit inside of the Docker daemon that the Docker CLI would talk to. */
import { currentDockerEndpoint, type DockerEndpoint, dockerEndpoint } from "./docker-endpoint.ts";
import { candidate, type Found, nothingToTry, type Search } from "./engine.ts";

/** What is on this machine answers at once. */
const LOCAL_DEADLINE_MS = 2_000;
/** Docker Desktop has to wake its virtual machine first, which it puts to sleep; and ssh takes its time. */
const PATIENT_DEADLINE_MS = 15_000;

export async function dockerEngine(search: Search): Promise<Found> {
  return endpointEngine(search, await currentDockerEndpoint(search.host));
}

/** That of a docker context by name. */
export async function dockerEngineOf(search: Search, context: string): Promise<Found> {
  return endpointEngine(search, await dockerEndpoint(search.host, context));
}

/** An address for `connectAddress`: `docker:` in front asks for the upgrade of Docker's own API to BuildKit's. */
function dockerAddress(endpoint: DockerEndpoint): string {
  return `docker:${endpoint.host}`;
}

/** Whether Docker answers there, and why not. A daemon without BuildKit (podman's imitation) counts as silent. */
export async function dockerSilence(search: Search, endpoint: DockerEndpoint): Promise<string | undefined> {
  const found = await endpointEngine(search, endpoint);
  return found.kind === "found" ? undefined : found.tried[0]?.result;
}

async function endpointEngine(search: Search, endpoint: DockerEndpoint | undefined): Promise<Found> {
  if (endpoint === undefined) return nothingToTry;
  return candidate(search, {
    kind: "docker",
    address: dockerAddress(endpoint),
    tls: endpoint.tls,
    what: `Docker at ${endpoint.host}`,
    why: `the BuildKit of docker context "${endpoint.context}"`,
    timeoutMs: search.host.platform === "linux" && isLocal(endpoint) ? LOCAL_DEADLINE_MS : PATIENT_DEADLINE_MS,
  });
}

function isLocal({ host }: DockerEndpoint): boolean {
  return host.startsWith("unix:");
}
