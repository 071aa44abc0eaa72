// A docker-container builder may exist in name only, or be stopped: `docker buildx` starts it when it builds, and so do we.
import type { Builder } from "./buildx-builder.ts";
import { findProgram, runCommand } from "./command.ts";
import type { EngineHost, OnSetup } from "./host.ts";

/** Does nothing where the container runs or the Docker CLI is missing; a failure shows in the probe that follows. */
export async function bootBuilder(
  host: EngineHost,
  builder: Builder,
  onEvent: OnSetup,
  signal?: AbortSignal,
): Promise<void> {
  const docker = findProgram(host, "docker");
  if (docker === undefined) return;
  const options = { env: host.env, ...(signal ? { signal } : {}) };
  const filter = ["--filter", `name=^/buildx_buildkit_${builder.node}$`, "--filter", "status=running"];
  const running = await runCommand(docker, ["ps", "--quiet", ...filter], { ...options, timeoutMs: 5_000 });
  if (running.exitCode === 0 && running.stdout.trim() !== "") return;
  onEvent({ kind: "setup", text: `starting the docker buildx builder "${builder.name}"` });
  await runCommand(docker, ["buildx", "inspect", "--bootstrap", builder.name], { ...options, timeoutMs: 120_000 });
}
