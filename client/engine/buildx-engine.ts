/** The buildkitd behind the selected docker buildx builder, which is started where buildx would start it. */
import { type Builder, builderAddress, selectedBuilder } from "./buildx-builder.ts";
import { findProgram, runCommand } from "./command.ts";
import { dockerSilence } from "./docker-engine.ts";
import { candidate, type Found, nothingToTry, passed, type Search } from "./engine.ts";
import type { Setup } from "./host.ts";

const DEADLINE_MS = 10_000;
const BOOT_MS = 120_000;

export async function buildxEngine(search: Search, named?: Builder): Promise<Found> {
  const builder = named ?? (await selectedBuilder(search.host));
  if (builder === undefined) return nothingToTry;
  const what = `the docker buildx builder "${builder.name}"`;
  const where = await builderAddress(search.host, builder, search.signal);
  if (where.kind === "unusable") return passed(what, where.reason);
  const { address, tls, behind } = where;
  if (behind !== undefined) {
    const silence = await dockerSilence(search, behind);
    if (silence !== undefined) return passed(what, `Docker at ${behind.host} does not answer: ${silence}`);
    await boot(search, builder, behind.context);
  }
  const why = `${what}, selected${named === undefined ? "" : " by --builder"}`;
  return candidate(search, { kind: "buildx", address, tls, what, why, timeoutMs: DEADLINE_MS });
}

/** Its container may not exist yet, or be stopped. A failure to start it shows in the probe that follows. */
async function boot(setup: Setup, builder: Builder, context: string): Promise<void> {
  const docker = findProgram(setup.host, "docker");
  if (docker === undefined) return;
  const options = { env: setup.host.env, signal: setup.signal };
  const filter = ["--filter", `name=^/buildx_buildkit_${builder.node}$`, "--filter", "status=running"];
  const list = ["--context", context, "ps", "--quiet", ...filter];
  const running = await runCommand(docker, list, { ...options, timeoutMs: DEADLINE_MS });
  if (running.exitCode === 0 && running.stdout.trim() !== "") return;
  setup.say(`starting the docker buildx builder "${builder.name}"`);
  await runCommand(docker, ["buildx", "inspect", "--bootstrap", builder.name], { ...options, timeoutMs: BOOT_MS });
}
