/** `docker load` as the end of a docker archive export. */
import { execa } from "execa";
import { ClientError } from "../client-error.ts";
import { type ExportSink, streamSink } from "./export-sink.ts";

export interface DockerLoadOptions {
  /** The whole environment of the process, for DOCKER_HOST, DOCKER_CONTEXT and PATH. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Passed as `docker --context`. */
  readonly context?: string | undefined;
  /** What docker says when it is done, such as "Loaded image: …". */
  readonly onOutput?: ((text: string) => void) | undefined;
}

/** Starts `docker load`. `close` throws `ClientError` "docker-load-failed" with docker's own words where it fails. */
export function dockerLoad(options: DockerLoadOptions): ExportSink {
  const context = options.context === undefined ? [] : ["--context", options.context];
  const child = execa("docker", [...context, "load"], {
    env: { ...options.environment },
    extendEnv: false,
    stdin: "pipe",
    reject: false,
  });
  const sink = streamSink(child.stdin, "docker load");
  return {
    async write(bytes) {
      // docker that went away early says why on its standard error, the broken pipe says nothing.
      await sink.write(bytes).catch(async () => fail(await child));
    },
    async close() {
      await sink.close().catch(() => undefined); // likewise
      const result = await child;
      if (result.failed) fail(result);
      if (result.stdout !== "") options.onOutput?.(result.stdout);
    },
    async abort() {
      child.kill();
      await child;
    },
  };
}

function fail(result: { readonly stderr: string; readonly exitCode?: number; readonly cause?: unknown }): never {
  const missing = result.exitCode === undefined;
  const reason = result.stderr.trim() || (result.cause instanceof Error ? result.cause.message : "it gave no reason");
  throw new ClientError("docker-load-failed", `docker load failed: ${reason}`, {
    hint: missing ? "is the docker command installed?" : undefined,
    cause: result.cause,
  });
}
