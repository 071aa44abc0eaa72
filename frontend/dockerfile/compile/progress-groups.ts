/**
 * Names of progress groups. The original makes them up; here they follow from what is compiled, and are different for each
 * file, target and platform, since one client can watch many builds at once.
 */
import { createHash } from "node:crypto";
import { formatFullPlatform, type Platform } from "../../../llb/index.ts";
import type { CompileOptions } from "./options.ts";

const ID_LENGTH = 20;

/** Gives another name with each call. */
export function progressGroups(options: CompileOptions, targetPlatform: Platform): () => string {
  let prefix: string | undefined;
  let count = 0;
  return () => {
    prefix ??= buildId(options, targetPlatform);
    return `${prefix}-${++count}`;
  };
}

function buildId({ source, label, build, sessionId }: CompileOptions, targetPlatform: Platform): string {
  const parts = [source.filename, label ?? "", build.target, sessionId, formatFullPlatform(targetPlatform)];
  const hash = createHash("sha256").update(JSON.stringify(parts)).update(source.data);
  return hash.digest("hex").slice(0, ID_LENGTH);
}
