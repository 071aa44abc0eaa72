/** What a build would do, without building: the registry is asked, through the daemon as for a build. */
import { planImages } from "../../frontend/gateway/index.ts";
import { type Plan, planBuild } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { BuildFlags } from "../option-values.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import { prepareBuild } from "./prepare.ts";
import { withinSolve } from "./within-solve.ts";

/** Needs no engine where no image can be in a registry. Throws as `planImages`, `EngineError` and `RpcError`. */
export async function lookUpPlan(
  terminal: Terminal,
  open: OpenRepository,
  flags: BuildFlags,
  targets: readonly string[],
): Promise<Plan> {
  const published = open.repository.resolve(targets).filter(({ publish }) => publish);
  if (open.naming.registry === "" || published.length === 0) return planWithoutLookups(open, targets);
  const { progress, connected } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  const nothing = {
    directories: new Map(),
    files: new Set<string>(),
    root: open.root.path,
    layouts: new Map(),
    secrets: new Map(),
    sshForwards: [],
    exports: new Map(),
  };
  const { repository, naming, variant } = open;
  const warn = (text: string): void => progress.warning(text);
  // Awaited here: the connection is closed when this function returns.
  return await tellFailure(terminal, progress, () =>
    withinSolve({ terminal, connected, progress }, nothing, async (gateway, signal) => {
      const task = { repository, naming, gateway, registryOnly: false, warn, signal };
      const { plan } = await planImages(task, { targets }, variant);
      return plan;
    }),
  );
}

async function planWithoutLookups(
  { repository, variant, specOf }: OpenRepository,
  targets: readonly string[],
): Promise<Plan> {
  const fingerprints = await repository.fingerprints(targets, variant);
  const specs = new Map([...fingerprints].map(([name, fingerprint]) => [name, specOf(name, fingerprint)]));
  return planBuild({ images: repository.images, targets, specs, lookups: new Map() });
}
