/** What a build would do, without building: the registry is asked, through the daemon as for a build. */
import { openSession, solve } from "../../client/index.ts";
import { type PlannedImages, planImages } from "../../frontend/gateway/index.ts";
import { type Plan, planBuild } from "../../mzbuild/index.ts";
import { BuildFailed } from "../build-failed.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { BuildFlags } from "../option-values.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import { prepareBuild } from "./prepare.ts";
import { buildServices } from "./services.ts";

/** Needs no engine where images have no registry. Throws as `planImages`, `EngineError` and `RpcError`. */
export async function lookUpPlan(
  terminal: Terminal,
  open: OpenRepository,
  flags: BuildFlags,
  targets: readonly string[],
): Promise<Plan> {
  if (open.naming.registry === "") {
    const { repository, variant, specOf } = open;
    const fingerprints = await repository.fingerprints(targets, variant);
    const specs = new Map([...fingerprints].map(([name, fingerprint]) => [name, specOf(name, fingerprint)]));
    return planBuild({ images: repository.images, targets, specs, lookups: new Map() });
  }
  const { progress, connected } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  // Awaited here: the connection is closed when this function returns.
  return await tellFailure(terminal, progress, async () => {
    const warn = (text: string): void => progress.warning(text);
    const offered = { directories: new Map(), files: new Set<string>(), root: open.root.path, layouts: new Map() };
    const nothing = { secrets: new Map(), sshForwards: [], exports: new Map() };
    await using services = await buildServices(terminal, { ...offered, ...nothing }, warn);
    await using session = await openSession(connected.client, { services: services.handlers });
    let planned: PlannedImages | undefined;
    const result = await solve(connected.client, {
      work: {
        kind: "function",
        build: async (gateway, signal) => {
          const task = { repository: open.repository, naming: open.naming, gateway, registryOnly: false, warn, signal };
          planned = await planImages(task, { targets }, open.variant);
          return {};
        },
      },
      session,
      internal: true,
      onProgress: (event) => progress.event(event),
      signal: terminal.signal,
    });
    if (result.kind === "cancelled") throw terminal.signal.reason;
    if (result.kind === "failed") throw result.failure.thrown ?? new BuildFailed(result.failure);
    if (planned === undefined) throw new TypeError("the solve ended without a plan");
    return planned.plan;
  });
}
