/** The few questions that are asked of the Docker engine which Compose uses: by its own API where that is near, else by the docker command. */
import { request } from "node:http";
import { currentDockerEndpoint } from "../../client/index.ts";
import { engineHost } from "../engine-host.ts";
import type { Terminal } from "../terminal.ts";
import { ComposeError } from "./compose-error.ts";

export interface DockerEngine {
  /** Which of these images it has, by the names that are asked for. */
  images(specs: readonly string[]): Promise<ReadonlySet<string>>;
  /** What its containers can use at most. */
  capacity(): Promise<{ readonly memoryBytes: number; readonly processors: number }>;
}

export async function dockerEngine(terminal: Terminal): Promise<DockerEngine> {
  const endpoint = await currentDockerEndpoint(engineHost(terminal));
  const socketPath = endpoint?.host.startsWith("unix://") ? endpoint.host.slice("unix://".length) : undefined;
  return socketPath === undefined ? await byCommand(terminal) : bySocket(socketPath, terminal);
}

function bySocket(socketPath: string, { signal }: Pick<Terminal, "signal">): DockerEngine {
  const get = (path: string) => getJson(socketPath, path, signal);
  return {
    images: async (specs) => {
      const found = await Promise.all(
        specs.map(async (spec) => ((await get(`/images/${spec}/json`)).status === 200 ? [spec] : [])),
      );
      return new Set(found.flat());
    },
    capacity: async () => capacityIn((await get("/info")).body),
  };
}

interface Response {
  readonly status: number;
  readonly body: unknown;
}

function getJson(socketPath: string, path: string, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, signal, headers: { Host: "docker" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
        } catch (error) {
          reject(error);
        }
      });
    });
    call.on("error", (error) => {
      if (signal.aborted) return reject(signal.reason);
      reject(dockerDown(`unix://${socketPath}`, error));
    });
    call.end();
  });
}

function dockerDown(host: string, cause: unknown): ComposeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ComposeError("docker-down", `Docker does not answer at ${host}: ${reason}`, {
    hint: "start it, or name another one with DOCKER_HOST or `docker context use`",
    cause,
  });
}

/** Loaded only for engines elsewhere. */
async function byCommand(terminal: Terminal): Promise<DockerEngine> {
  const { runDocker, userDocker } = await import("../docker/docker-command.ts");
  const { imagesInDocker } = await import("../docker/docker-images.ts");
  const docker = userDocker(terminal);
  return {
    images: (specs) => imagesInDocker(docker, specs),
    capacity: async () => {
      const { exitCode, stdout } = await runDocker(docker, ["info", "--format", "{{json .}}"]);
      return capacityIn(exitCode === 0 ? JSON.parse(stdout) : undefined);
    },
  };
}

function capacityIn(info: unknown): { readonly memoryBytes: number; readonly processors: number } {
  const { MemTotal, NCPU }: { readonly MemTotal?: number; readonly NCPU?: number } =
    typeof info === "object" && info !== null ? info : {};
  return { memoryBytes: MemTotal ?? Number.POSITIVE_INFINITY, processors: NCPU ?? Number.POSITIVE_INFINITY };
}
