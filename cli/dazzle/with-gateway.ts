/** Work of a dazzle project within a solve of the daemon that makes nothing by itself. */
import type { Gateway } from "../../client/index.ts";
import { withinSolve } from "../build/within-solve.ts";
import type { EngineTools } from "./engine.ts";

/** What `work` gives. Throws as `withinSolve`. */
export function withGateway<T>(
  tools: EngineTools,
  work: (gateway: Gateway, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { terminal, given } = tools;
  const offered = {
    directories: new Map(given.contexts.directories),
    files: new Set<string>(),
    root: terminal.cwd,
    layouts: new Map(given.contexts.stores),
    secrets: given.secrets,
    sshForwards: given.sshForwards,
    exports: new Map(),
  };
  return withinSolve(tools, offered, work);
}
