/**
 * Sources of git repositories.
 * Contract: moby/buildkit v0.33.0: client/llb/source.go (`Git`).
 */
import { posix } from "node:path";
import { newVertex, type SourceOp, type VertexOptions } from "../../../llb/index.ts";
import type { Questions } from "../compile/lookup.ts";
import type { GitRef } from "./git-ref.ts";

/** What a source of a repository is told besides where it is. */
export interface GitSourceOptions {
  readonly ref: string;
  readonly subdir: string;
  readonly checksum: string;
  readonly keepGitDir: boolean;
  readonly skipSubmodules: boolean;
  readonly mtime: string;
  readonly advice: boolean;
  readonly fetchByCommit: boolean;
}

/** The source op of a repository. `knownHost` is a line of a known_hosts file for its server, if there is one. */
function gitSource(git: GitRef, options: GitSourceOptions, knownHost: string | undefined): SourceOp {
  const attrs: Record<string, string> = {
    // A remote without a protocol is one of the forms that look local.
    "git.fullurl": git.looksLocal ? `https://${git.remote}` : git.remote,
    "git.authtokensecret": "GIT_AUTH_TOKEN",
    "git.authheadersecret": "GIT_AUTH_HEADER",
  };
  if (options.keepGitDir) attrs["git.keepgitdir"] = "true";
  if (knownHost !== undefined) attrs["git.knownsshhosts"] = knownHost;
  if (git.ssh) attrs["git.mountsshsock"] = "default";
  if (options.checksum !== "") attrs["git.checksum"] = options.checksum;
  if (options.skipSubmodules) attrs["git.skipsubmodules"] = "true";
  if (options.mtime !== "") attrs["git.mtime"] = options.mtime;
  if (options.advice) attrs["git.advice"] = "true";
  if (options.fetchByCommit) attrs["git.fetchbycommit"] = "true";
  const subdir = options.subdir === "" ? "" : `:${options.subdir}`;
  const fragment = options.ref === "" && subdir === "" ? "" : `#${options.ref}${subdir}`;
  const path = posix.join("/", git.path);
  return {
    kind: "source",
    identifier: `git://${git.host}${path.length > 1 ? path.replace(/\/$/, "") : path}${fragment}`,
    attrs,
  };
}

/**
 * The source of a repository as a vertex. The host key of an ssh server is asked for; that it is unknown, or not known yet,
 * leaves it out, but not the capability.
 */
export function gitVertex(
  git: GitRef,
  options: GitSourceOptions,
  vertex: VertexOptions,
  questions: Questions,
): ReturnType<typeof newVertex> {
  if (!git.ssh) return newVertex(gitSource(git, options, undefined), undefined, vertex);
  const answer = questions.ask({ kind: "host-key", server: git.host });
  const knownHost = answer?.kind === "host-key" ? answer.line : undefined;
  const caps = ["source.git.knownsshhosts"];
  return newVertex(gitSource(git, options, knownHost), undefined, { ...vertex, caps });
}
