/** The compilation of a plan for a client: the repository lies on this machine, which offers the files that the daemon asks for. */
import { filesAndDirectoriesUnder, type Gateway, type GatewayCapabilities, listedTree } from "../../client/index.ts";
import type { Attributes } from "../../frontend/dockerfile/index.ts";
import type { CompileTask, StandIns } from "../../frontend/gateway/index.ts";
import { filesOfClient, type Plan, REPOSITORY_SOURCE, type Variant } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { Offered } from "./services.ts";

export interface ClientTask {
  readonly open: OpenRepository;
  readonly targets: readonly string[];
  readonly gateway: Gateway;
  readonly capabilities: GatewayCapabilities;
  readonly sessionId: string;
  readonly offered: Offered;
  readonly bases: StandIns;
  /** Attributes of the command line: named contexts. */
  readonly attributes: Attributes;
  /** Build arguments of the command line. */
  readonly buildArgs: Attributes;
  readonly cargoBuilder: string | undefined;
  /** Images that are built even if they are there. */
  readonly rebuild?: ReadonlySet<string> | undefined;
  /** Whether what Docker has of its own doesn't count as there. */
  readonly registryOnly: boolean;
  readonly onPlan?: ((plan: Plan, variant: Variant) => void) | undefined;
  readonly signal: AbortSignal;
  /** A line for people, such as a look-up that failed. */
  readonly warn: (text: string) => void;
}

export function compileTask({ open, offered, bases, ...task }: ClientTask): CompileTask {
  const { repository, naming, root } = open;
  return {
    ...task,
    repository,
    naming,
    files: filesOfClient(task.sessionId),
    standIns: bases,
    onFiles: (paths) => offer(offered, root.path, paths),
  };
}

/**
 * The files that the daemon may ask for, together with those of graphs compiled before. Their directories are as they lie there,
 * as any other client sends them: an image is the same by the frontend.
 */
function offer(offered: Offered, root: string, paths: readonly string[]): void {
  for (const path of paths) offered.files.add(path);
  offered.directories.set(REPOSITORY_SOURCE, listedTree(filesAndDirectoriesUnder(root, [...offered.files])));
}
