/**
 * Sources of ADD that are on the web or in git.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert_copy.go; messages as there.
 */
import { posix } from "node:path";
import { BuildError, newVertex } from "../../../llb/index.ts";
import { type GitRef, parseGitRef } from "../context/git-ref.ts";
import { gitVertex } from "../context/git-source.ts";
import { parseUrl } from "../context/url.ts";
import { quote } from "../text/quote.ts";
import type { CopyLike, CopyPart } from "./copy.ts";
import type { Scope } from "./instruction-scope.ts";

export interface RemoteSettings {
  readonly name: string;
  /** From `--checksum`; empty when there is none. */
  readonly checksum: string;
}

/** A source that is not a file of a tree. `https://…/repo.git` is git, other URLs are files of the web. */
export function isRemote(text: string): boolean {
  return text.startsWith("http://") || text.startsWith("https://") || parseGitRef(text).kind === "git";
}

export function gitCopySource(
  scope: Scope,
  instruction: CopyLike,
  git: GitRef,
  { name, checksum }: RemoteSettings,
): CopyPart {
  if (instruction.kind === "copy") throw new BuildError("remote-copy", "source can't be a git ref for COPY");
  const flag = instruction.keepGitDir;
  if (flag !== undefined && git.keepGitDir !== undefined && flag !== git.keepGitDir) {
    throw new BuildError("bad-git-ref", "inconsistent keep-git-dir configuration");
  }
  if (checksum !== "" && git.checksum !== "" && checksum !== git.checksum) {
    throw new BuildError("bad-checksum", `checksum mismatch ${quote(checksum)} != ${quote(git.checksum)}`);
  }
  const vertex = gitVertex(
    git,
    {
      ref: git.ref,
      subdir: git.subdir,
      checksum: git.checksum || checksum,
      keepGitDir: git.keepGitDir ?? flag ?? false,
      skipSubmodules: git.submodules === false,
      mtime: "",
      advice: scope.session.options.build.gitAdvice,
      fetchByCommit: git.fetchByCommit,
    },
    { name },
    scope.session.questions,
  );
  return { source: { kind: "output", output: { vertex, index: 0 } }, from: "/" };
}

export function httpCopySource(instruction: CopyLike, url: string, { name, checksum }: RemoteSettings): CopyPart {
  if (instruction.kind === "copy") throw new BuildError("remote-copy", "source can't be a URL for COPY");
  const filename = httpFilename(url);
  const attrs: Record<string, string> = { "http.filename": filename };
  if (checksum !== "") attrs["http.checksum"] = checkDigest(checksum);
  const vertex = newVertex({ kind: "source", identifier: url, attrs }, undefined, {
    description: { "com.docker.dockerfile.v1.command": "" },
    name,
  });
  return {
    source: { kind: "output", output: { vertex, index: 0 } },
    from: posix.join("/", filename),
    attemptUnpack: instruction.unpack ?? false,
  };
}

/** The last part of the URL's path. */
export function httpFilename(url: string): string {
  const base = posix.basename(parseUrl(url)?.path ?? "");
  return base === "" || base === "." || base === "/" ? "__unnamed__" : base;
}

/** Throws `BuildError` "bad-checksum" with the words of opencontainers/go-digest. */
export function checkDigest(text: string): string {
  const problem = digestProblem(text);
  if (problem !== undefined) throw new BuildError("bad-checksum", problem);
  return text;
}

const HEX_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

function digestProblem(text: string): string | undefined {
  const colon = text.indexOf(":");
  const format = "invalid checksum digest format";
  if (colon <= 0 || colon + 1 === text.length) return format;
  const algorithm = text.slice(0, colon);
  const encoded = text.slice(colon + 1);
  const length = HEX_LENGTHS[algorithm];
  if (length === undefined) {
    const wellFormed = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/.test(text);
    return wellFormed ? "unsupported digest algorithm" : format;
  }
  if (encoded.length !== length) return "invalid checksum digest length";
  return /^[a-f0-9]+$/.test(encoded) ? undefined : format;
}
