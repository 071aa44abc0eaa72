/**
 * Where graphs begin: images, directories of the client, git repositories, files from the web, layouts and blobs.
 * Contract: moby/buildkit v0.33.0: client/llb/source.go, solver/pb/attr.go.
 */
import { BuildError } from "./build-error.ts";
import { formatImageReference, parseImageReference, withDefaultTag } from "./image-reference.ts";
import type { Platform } from "./platform.ts";
import { newVertex, State, type VertexOptions } from "./state.ts";

/** The empty tree. */
export function scratch(options: { readonly platform?: Platform } = {}): State {
  return new State(undefined, { platform: options.platform });
}

/** A source by its identifier and attributes, for what the functions below don't cover. */
export function source(
  identifier: string,
  attrs: Readonly<Record<string, string>>,
  options: VertexOptions = {},
): State {
  const vertex = newVertex({ kind: "source", identifier, attrs }, options.platform, options);
  return new State({ vertex, index: 0 }, { platform: options.platform });
}

export interface ImageOptions extends VertexOptions {
  readonly platform: Platform;
  /** Whether the registry is asked even when the daemon has the image. The daemon's default when left out. */
  readonly resolveMode?: "default" | "pull" | "local";
  /** Lists the image as internal in the daemon's records. */
  readonly internal?: boolean;
  readonly layerLimit?: number;
  readonly checksum?: string;
}

/**
 * An image of a registry. Its config is not looked up: what that says of processes is for the caller to set, as by
 * {@link State.with}. Throws `BuildError` "bad-image-reference".
 */
export function image(reference: string, options: ImageOptions): State {
  const parsed = parseImageReference(reference);
  if (parsed.kind === "invalid") {
    throw new BuildError("bad-image-reference", `failed to parse image name "${reference}": ${parsed.message}`);
  }
  const { resolveMode, internal, layerLimit, checksum, ...vertex } = options;
  const attrs: Record<string, string> = {};
  if (resolveMode !== undefined && resolveMode !== "default") attrs["image.resolvemode"] = resolveMode;
  if (internal) attrs["image.recordtype"] = "internal";
  if (layerLimit !== undefined) attrs["image.layerlimit"] = String(layerLimit);
  if (checksum !== undefined) attrs["image.checksum"] = checksum;
  return source(`docker-image://${formatImageReference(withDefaultTag(parsed.reference))}`, attrs, vertex);
}

export interface LocalOptions extends VertexOptions {
  /** The session that has the directory; the one of the solve when left out. */
  readonly sessionId?: string;
  /** Makes the op unlike any other where there is no session id; the caller picks it. */
  readonly uniqueId?: string;
  readonly includePatterns?: readonly string[];
  readonly excludePatterns?: readonly string[];
  readonly followPaths?: readonly string[];
  /** Names the daemon's copy of the directory, which later builds only bring up to date. */
  readonly sharedKeyHint?: string;
  /** How files are compared with the daemon's copy; `none` sends all of them. */
  readonly differ?: "none" | "metadata";
}

/** A directory that the client's session offers under `name`. */
export function local(name: string, options: LocalOptions = {}): State {
  const { sessionId, uniqueId, includePatterns, excludePatterns, followPaths, sharedKeyHint, differ, ...vertex } =
    options;
  const attrs: Record<string, string> = {};
  if (sessionId !== undefined) attrs["local.session"] = sessionId;
  if (uniqueId !== undefined) attrs["local.unique"] = uniqueId;
  if (includePatterns?.length) attrs["local.includepattern"] = goJson(includePatterns);
  if (excludePatterns?.length) attrs["local.excludepatterns"] = goJson(excludePatterns);
  if (followPaths?.length) attrs["local.followpaths"] = goJson(followPaths);
  if (sharedKeyHint !== undefined) attrs["local.sharedkeyhint"] = sharedKeyHint;
  if (differ !== undefined) attrs["local.differ"] = differ;
  return source(`local://${name}`, attrs, vertex);
}

export interface GitOptions extends VertexOptions {
  /** Branch, tag or commit. */
  readonly ref?: string;
  readonly subdir?: string;
  readonly keepGitDir?: boolean;
  readonly checksum?: string;
  readonly skipSubmodules?: boolean;
  readonly authTokenSecret?: string;
  readonly authHeaderSecret?: string;
  /** For ssh: lines of a known_hosts file, and the id of the agent to forward. */
  readonly knownSshHosts?: string;
  readonly sshAgent?: string;
}

/**
 * A git repository at `url`: `https://`, `ssh://`, `git://`, or `user@host:path`. ssh host keys are not scanned for;
 * give them as `knownSshHosts`. Throws `BuildError` "bad-git-url".
 */
export function git(url: string, options: GitOptions = {}): State {
  const { ref, subdir, keepGitDir, checksum, skipSubmodules, authTokenSecret, authHeaderSecret, ...rest } = options;
  const { knownSshHosts, sshAgent, ...vertex } = rest;
  const remote = splitGitUrl(url);
  const fragment = `${ref ?? ""}${subdir ? `:${subdir.replace(/^\/+/, "")}` : ""}`;
  const attrs: Record<string, string> = { "git.fullurl": remote.url };
  attrs["git.authtokensecret"] = authTokenSecret ?? "GIT_AUTH_TOKEN";
  attrs["git.authheadersecret"] = authHeaderSecret ?? "GIT_AUTH_HEADER";
  if (keepGitDir) attrs["git.keepgitdir"] = "true";
  if (checksum !== undefined) attrs["git.checksum"] = checksum;
  if (skipSubmodules) attrs["git.skipsubmodules"] = "true";
  if (remote.ssh) {
    if (knownSshHosts !== undefined) attrs["git.knownsshhosts"] = knownSshHosts;
    attrs["git.mountsshsock"] = sshAgent ?? "default";
  }
  return source(`git://${remote.host}${remote.path}${fragment === "" ? "" : `#${fragment}`}`, attrs, vertex);
}

function splitGitUrl(url: string): { url: string; host: string; path: string; ssh: boolean } {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.*)$/.exec(url);
  if (scp !== null) return { url, host: scp[1] ?? "", path: `/${(scp[2] ?? "").replace(/^\/+/, "")}`, ssh: true };
  const full = /^[a-z]+:\/\//.test(url) ? url : `https://${url}`;
  if (!URL.canParse(full)) throw new BuildError("bad-git-url", `"${url}" is not the URL of a git repository`);
  const parsed = new URL(full);
  return { url: full, host: parsed.host, path: parsed.pathname, ssh: parsed.protocol === "ssh:" };
}

export interface HttpOptions extends VertexOptions {
  /** `sha256:…` of the content. */
  readonly checksum?: string;
  /** The name of the file; taken from the URL when left out. */
  readonly filename?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly authHeaderSecret?: string;
}

/** A file from the web, as a tree with just that file. */
export function http(url: string, options: HttpOptions = {}): State {
  const { checksum, filename, mode, uid, gid, authHeaderSecret, ...vertex } = options;
  const attrs: Record<string, string> = {};
  if (checksum !== undefined) attrs["http.checksum"] = checksum;
  if (authHeaderSecret !== undefined) attrs["http.authheadersecret"] = authHeaderSecret;
  return source(url, { ...attrs, ...fileAttrs({ filename, mode, uid, gid }) }, vertex);
}

export interface StoreOptions extends VertexOptions {
  readonly platform?: Platform;
  readonly sessionId?: string;
  /** The layout's name in the session; the reference's name when left out. */
  readonly storeId?: string;
  readonly layerLimit?: number;
}

/** An image of an OCI layout that the client's session offers; `reference` is `name@sha256:…`. */
export function ociLayout(reference: string, options: StoreOptions = {}): State {
  const { sessionId, storeId, layerLimit, ...vertex } = options;
  const attrs: Record<string, string> = {};
  if (sessionId !== undefined) attrs["oci.session"] = sessionId;
  if (storeId !== undefined) attrs["oci.store"] = storeId;
  if (layerLimit !== undefined) attrs["oci.layerlimit"] = String(layerLimit);
  return source(`oci-layout://${reference}`, attrs, vertex);
}

export interface BlobOptions extends StoreOptions {
  readonly filename?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** A single blob of a registry, as a file; `reference` is `name@sha256:…`. */
export function imageBlob(reference: string, options: BlobOptions = {}): State {
  const { filename, mode, uid, gid, sessionId: _session, storeId: _store, layerLimit: _limit, ...vertex } = options;
  return source(`docker-image+blob://${blobReference(reference)}`, fileAttrs({ filename, mode, uid, gid }), vertex);
}

/** A single blob of an OCI layout that the client's session offers, as a file. */
export function ociLayoutBlob(reference: string, options: BlobOptions = {}): State {
  const { filename, mode, uid, gid, sessionId, storeId, layerLimit: _limit, ...vertex } = options;
  const attrs = fileAttrs({ filename, mode, uid, gid });
  if (sessionId !== undefined) attrs["oci.session"] = sessionId;
  if (storeId !== undefined) attrs["oci.store"] = storeId;
  return source(`oci-layout+blob://${blobReference(reference)}`, attrs, vertex);
}

function blobReference(reference: string): string {
  const parsed = parseImageReference(reference);
  if (parsed.kind === "invalid") throw new BuildError("bad-image-reference", parsed.message);
  if (parsed.reference.tag !== undefined) {
    throw new BuildError("bad-image-reference", "tagged image reference not allowed for blob reference");
  }
  if (parsed.reference.digest === undefined) {
    throw new BuildError("bad-image-reference", "checksum required in blob reference");
  }
  return formatImageReference(parsed.reference);
}

function fileAttrs(file: {
  readonly filename: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}): Record<string, string> {
  const attrs: Record<string, string> = {};
  if (file.filename) attrs["http.filename"] = file.filename;
  if (file.mode) attrs["http.perm"] = `0${file.mode.toString(8)}`;
  if (file.uid) attrs["http.uid"] = String(file.uid);
  if (file.gid) attrs["http.gid"] = String(file.gid);
  return attrs;
}

const GO_ESCAPES: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

/**
 * JSON as Go's encoder writes it, with so many blanks a level (none: on one line). It escapes what could harm in HTML;
 * attributes are compared as text.
 */
export function goJson(value: unknown, indent = 0): string {
  const json = JSON.stringify(value, undefined, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => GO_ESCAPES[character] ?? character,
  );
  // A lone surrogate stands for a byte that is no UTF-8.
  return json.includes("\\ud") ? json.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, replaceSurrogate) : json;
}

function replaceSurrogate(escaped: string): string {
  return escaped.length > 2 ? "\\ufffd" : escaped;
}
