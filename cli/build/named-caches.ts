/** Caches besides the daemon's own, as options and build sections name them. */
import { type CachePlan, parseCacheOption, planCaches, withEnvironment } from "../../client/index.ts";

export interface CacheNames {
  /** In buildx's syntax of `--cache-from`. */
  readonly from: readonly string[];
  /** In that of `--cache-to`. */
  readonly to: readonly string[];
}

export interface CachePlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What paths are relative to. */
  readonly directory: string;
  readonly onWarning: (text: string) => void;
}

/** Throws as `parseCacheOption` and `planCaches`. */
export function namedCaches({ from, to }: CacheNames, { env, ...place }: CachePlace): Promise<CachePlan> {
  const imports = from.flatMap((text) => parseCacheOption("--cache-from", text));
  const exports = to.flatMap((text) => parseCacheOption("--cache-to", text));
  return planCaches(withEnvironment(imports, env), withEnvironment(exports, env), place);
}
