/** The machine's answers to `findRoot`'s questions. */
import { stat } from "node:fs/promises";
import type { RootProbe } from "../root.ts";
import type { Environment } from "../variant.ts";
import { gitTopLevel } from "./work-tree.ts";

export function rootProbe(env: Environment): RootProbe {
  const statOf = (path: string) => stat(path).catch(() => undefined);
  return {
    exists: async (path) => (await statOf(path)) !== undefined,
    isDirectory: async (path) => (await statOf(path))?.isDirectory() ?? false,
    gitTopLevel: (directory) => gitTopLevel(directory, env),
  };
}
