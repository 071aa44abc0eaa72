/**
 * Git repositories as they are written in ADD and as build contexts: `https://host/repo.git?ref=v1&subdir=docs`,
 * `git@host:repo.git#v1:docs`.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dfgitutil/git_ref.go, util/gitutil/git_url.go, util/sshutil.
 */
import { posix } from "node:path";
import { parseBool } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { parseQuery, parseUrl } from "./url.ts";

export interface GitRef {
  /** A URL that git understands: without query and fragment. */
  readonly remote: string;
  readonly ssh: boolean;
  readonly host: string;
  readonly path: string;
  readonly ref: string;
  readonly subdir: string;
  readonly checksum: string;
  readonly keepGitDir: boolean | undefined;
  readonly submodules: boolean | undefined;
  readonly mtime: string;
  readonly fetchByCommit: boolean;
  /** `github.com/…`, which could as well be a directory: only main contexts take it for a repository. */
  readonly looksLocal: boolean;
}

export type ParsedGitRef =
  | { readonly kind: "git"; readonly ref: GitRef }
  | { readonly kind: "none" }
  /** A repository, but its options make no sense. */
  | { readonly kind: "invalid"; readonly message: string };

const NONE: ParsedGitRef = { kind: "none" };
const PROTOCOLS = new Set(["http", "https", "ssh", "git"]);
const SCP_STYLE = /^([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):(.*?)(?:\?(.*?))?(?:#(.*))?$/;

interface Remote {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly fragment: string;
  readonly remote: string;
}

export function parseGitRef(text: string): ParsedGitRef {
  if (text.startsWith("./") || text.startsWith("../")) return NONE;
  const looksLocal = text.startsWith("github.com/");
  const remote = looksLocal ? parseRemote(`https://${text}`) : parseRemote(text);
  if (remote === undefined) return NONE;
  const web = remote.scheme === "http" || remote.scheme === "https";
  if (!looksLocal && web && !remote.path.endsWith(".git")) return NONE;
  const [ref = "", ...rest] = remote.fragment.split(":");
  const subdir = remote.fragment === "" ? "" : posix.join("/", rest.join(":")).slice(1).replace(/\/$/, "");
  const base: GitRef = {
    remote: looksLocal ? remote.remote.slice(remote.remote.indexOf("://") + 3) : remote.remote,
    ssh: remote.scheme === "ssh",
    host: remote.host,
    path: remote.path,
    ref,
    subdir,
    checksum: "",
    keepGitDir: undefined,
    submodules: undefined,
    mtime: "",
    fetchByCommit: false,
    looksLocal,
  };
  return applyQuery(base, remote.query);
}

function parseRemote(text: string): Remote | undefined {
  const protocol = /^[a-zA-Z0-9]+:\/\//.exec(text)?.[0];
  if (protocol !== undefined) {
    if (!PROTOCOLS.has(protocol.slice(0, -3).toLowerCase())) return undefined;
    const url = parseUrl(text);
    if (url === undefined) return undefined;
    return { ...url, query: parseQuery(url.query) ?? new Map() };
  }
  const scp = SCP_STYLE.exec(text);
  if (scp === null) return undefined;
  const [, user = "", host = "", path = "", rawQuery = "", fragment = ""] = scp;
  const query = parseQuery(rawQuery, true);
  if (query === undefined) return undefined;
  return { scheme: "ssh", host, path, query, fragment, remote: `${user}@${host}:${path}` };
}

/** Keys that say yes or no, and say yes without a value. */
const FLAGS: ReadonlyMap<string, keyof GitRef> = new Map([
  ["keep-git-dir", "keepGitDir"],
  ["submodules", "submodules"],
  ["fetch-by-commit", "fetchByCommit"],
]);

function applyQuery(base: GitRef, query: Remote["query"]): ParsedGitRef {
  let git = base;
  for (const [key, values] of query) {
    if (values.length > 1) return invalid(`query ${quote(key)} has multiple values`);
    const [value = ""] = values;
    if (value === "" && !FLAGS.has(key)) return invalid(`query ${quote(key)} has no value`);
    const applied = applyKey(git, key, value);
    if (applied.kind !== "git") return applied;
    git = applied.ref;
  }
  return applyNamedRef(git, query.get("tag")?.[0] ?? "", query.get("branch")?.[0] ?? "");
}

function applyKey(git: GitRef, key: string, value: string): ParsedGitRef {
  const changed = (change: Partial<GitRef>): ParsedGitRef => ({ kind: "git", ref: { ...git, ...change } });
  const flag = FLAGS.get(key);
  if (flag !== undefined) {
    const isSet = value === "" ? true : parseBool(value);
    return isSet === undefined ? invalid(`invalid ${key} value: ${quote(value)}`) : changed({ [flag]: isSet });
  }
  switch (key) {
    case "ref":
    case "subdir":
      if (git[key] === "" || git[key] === value) return changed({ [key]: value });
      return invalid(`${key} conflicts: ${quote(git[key])} vs ${quote(value)}`);
    case "tag":
    case "branch":
      // They are looked at when the ref is known.
      return changed({});
    case "checksum":
    case "commit":
      return changed({ checksum: value });
    case "mtime":
      if (value === "checkout" || value === "commit") return changed({ mtime: value });
      return invalid(`invalid mtime value: ${quote(value)} (must be "checkout" or "commit")`);
    default:
      return invalid(`unexpected query ${quote(key)}`);
  }
}

function applyNamedRef(git: GitRef, tag: string, branch: string): ParsedGitRef {
  if (tag !== "" && branch !== "") {
    const withTag = qualify("refs/tags/", tag);
    if (git.ref !== "" && git.ref !== withTag) return invalid(`ref conflicts: ${quote(git.ref)} vs ${quote(withTag)}`);
    return invalid("branch conflicts with tag");
  }
  const named = tag !== "" ? qualify("refs/tags/", tag) : branch !== "" ? qualify("refs/heads/", branch) : undefined;
  if (named === undefined) return { kind: "git", ref: git };
  if (git.ref !== "" && git.ref !== named) return invalid(`ref conflicts: ${quote(git.ref)} vs ${quote(named)}`);
  return { kind: "git", ref: { ...git, ref: named } };
}

function qualify(prefix: string, name: string): string {
  return name.startsWith(prefix) ? name : `${prefix}${name}`;
}

function invalid(message: string): ParsedGitRef {
  return { kind: "invalid", message };
}
