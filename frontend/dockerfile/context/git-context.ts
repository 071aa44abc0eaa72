/**
 * A git repository as a whole context, main or named.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/context.go (`DetectGitContext`).
 */
import { BuildError, type Output } from "../../../llb/index.ts";
import type { Questions } from "../compile/lookup.ts";
import { parseGitRef } from "./git-ref.ts";
import { gitVertex } from "./git-source.ts";

export interface GitContextOptions {
  readonly keepGitDir: boolean;
  /** Where files get their times from, unless the URL says. */
  readonly mtime: string;
  readonly advice: boolean;
  readonly questions: Questions;
}

/** Undefined when the text names no repository. Throws `BuildError` "bad-git-ref" for one with impossible options. */
export function detectGitContext(text: string, options: GitContextOptions): Output | undefined {
  const parsed = parseGitRef(text);
  if (parsed.kind === "none") return undefined;
  if (parsed.kind === "invalid") throw new BuildError("bad-git-ref", parsed.message);
  const { ref } = parsed;
  const vertex = gitVertex(
    ref,
    {
      ref: ref.ref,
      subdir: ref.subdir,
      checksum: ref.checksum,
      keepGitDir: (ref.keepGitDir ?? false) || options.keepGitDir,
      skipSubmodules: ref.submodules === false,
      mtime: ref.mtime || options.mtime,
      advice: options.advice,
      fetchByCommit: ref.fetchByCommit,
    },
    { name: `[internal] load git source ${text}` },
    options.questions,
  );
  return { vertex, index: 0 };
}
