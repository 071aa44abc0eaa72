/**
 * The build context as a repository. What lies on the client travels to the daemon without ignored directories; a step in a
 * container of our own image lists and hashes it there. The frontend itself reads only the answer and files of metadata.
 */
import type { Gateway, GatewayCapabilities } from "../../client/index.ts";
import {
  BuildError,
  bindMount,
  definitionToProto,
  local,
  marshal,
  type Output,
  State,
  scratch,
} from "../../llb/index.ts";
import {
  builderState,
  filesOfClient,
  filesOfTree,
  REPOSITORY_SOURCE,
  type RepositoryFiles,
  type SourceTree,
  wholeDirectoryRules,
} from "../../mzbuild/index.ts";
import {
  answerAll,
  type CompiledDockerfile,
  compileDockerfile,
  type FoundContext,
  parseBuildOptions,
  parseDockerfile,
} from "../dockerfile/index.ts";
import { contextTree } from "./context-tree.ts";
import type { FrontendEnvironment } from "./environment.ts";
import { ANSWER_FILE, ANSWER_VERSION, decodeListing, EVERYTHING } from "./list-context.ts";
import { solverOf } from "./solver.ts";
import { gatewayWorld } from "./world.ts";

export interface ContextRequest extends FrontendEnvironment {
  readonly gateway: Gateway;
  readonly capabilities: GatewayCapabilities;
  /** The build context, and where the request's file is. */
  readonly context: FoundContext;
  readonly signal: AbortSignal;
}

export interface RepositoryContext {
  /** For questions. */
  readonly tree: SourceTree;
  /** For the graph. */
  readonly files: RepositoryFiles;
}

/** Throws `RpcError` when the context can't be had, `BuildError` "no-frontend-image" outside of a container of it. */
export async function repositoryContext(request: ContextRequest): Promise<RepositoryContext> {
  const [self, repository] = await Promise.all([frontendImage(request), contextState(request)]);
  const listing = listingOf(request, self, repository);
  const [answerRef, contextRef] = await Promise.all([
    solveTree(request, listing.output),
    solveTree(request, repository.output),
  ]);
  const { gateway, context, signal } = request;
  const answer = await gateway.readFile({ ref: answerRef, path: ANSWER_FILE }, { signal });
  return {
    tree: contextTree(decodeListing(answer), (path) => gateway.readFile({ ref: contextRef, path }, { signal })),
    files: context.tree === undefined ? filesOfClient(contextSession(request)) : filesOfTree(repository),
  };
}

/** The session that has the context; clients may use another one for it than for the rest. */
function contextSession({ opts, sessionId }: FrontendEnvironment): string {
  return opts[`local-sessionid:${REPOSITORY_SOURCE}`] ?? sessionId;
}

async function contextState(request: ContextRequest): Promise<State> {
  const { tree } = request.context;
  if (tree === undefined) {
    return local(REPOSITORY_SOURCE, {
      sessionId: contextSession(request),
      excludePatterns: await excludedPatterns(request),
      sharedKeyHint: "repository",
      name: "[internal] load repository",
    });
  }
  if (tree.output !== undefined) return new State(tree.output);
  throw new BuildError("bad-context", "the build context is empty, and has to be the repository's root");
}

function listingOf(
  { capabilities, context }: ContextRequest,
  self: CompiledDockerfile,
  repository: State,
): ReturnType<ReturnType<State["run"]>["mount"]> {
  const [platform] = solverOf(capabilities).platforms;
  if (platform === undefined) throw new BuildError("no-worker", "the daemon has no worker that could run the frontend");
  // What git checks out is tracked, all of it: ignore files don't count, and there is no index to read.
  const files = context.kind === "git" ? [EVERYTHING] : [];
  return builderState(self, platform)
    .user("0:0")
    .env("MZBUILD_LISTING", ANSWER_VERSION)
    .run(["/bin/node", "/frontend.cjs", "list-context", "/context", "/answer", ...files], {
      mounts: [bindMount("/context", repository), bindMount("/answer", scratch(), { writable: true })],
      network: "none",
      name: "[internal] hash repository",
    })
    .mount("/answer");
}

/** This very image, as a Dockerfile would have it that begins with it: named contexts and source policies count. */
async function frontendImage({
  gateway,
  capabilities,
  opts,
  sessionId,
  signal,
}: ContextRequest): Promise<CompiledDockerfile> {
  const reference = opts["source"];
  if (reference === undefined || reference === "") {
    throw new BuildError("no-frontend-image", "the daemon doesn't say which image the frontend runs in");
  }
  const data = new TextEncoder().encode(`FROM ${reference}\n`);
  const parsed = parseDockerfile(data, "frontend");
  const solver = solverOf(capabilities);
  const contexts = Object.fromEntries(Object.entries(opts).filter(([key]) => key.startsWith("context:")));
  const options = {
    build: parseBuildOptions(contexts, solver),
    targetPlatform: undefined,
    mainContext: { kind: "tree", output: undefined },
    opts: contexts,
    sessionId,
    source: { filename: "frontend", language: "Dockerfile", data, origin: undefined },
    supports: solver.supports,
    label: "frontend",
  } as const;
  return answerAll((known) => compileDockerfile(parsed, options, known), gatewayWorld(gateway, signal));
}

/**
 * What need not travel: git's own files but for the index, and what the root's ignore file leaves out as whole directories.
 * That only saves time: what counts as a file is decided where the files are. That a directory has a `.git` does travel: it
 * tells of repositories inside.
 */
async function excludedPatterns(request: ContextRequest): Promise<readonly string[]> {
  const { gateway, signal } = request;
  const files = local(REPOSITORY_SOURCE, {
    sessionId: contextSession(request),
    includePatterns: [".gitignore", ".git/index"],
    sharedKeyHint: "repository-git",
    name: "[internal] load git index",
  });
  const ref = await solveTree(request, files.output);
  const names = new Set((await gateway.readDir({ ref, path: "." }, { signal })).map(({ path }) => path));
  const read = (name: string, path: string) =>
    names.has(name) ? gateway.readFile({ ref, path }, { signal }) : undefined;
  // Only its index was asked for: a directory `.git` has one.
  const [ignore, index] = await Promise.all([read(".gitignore", ".gitignore"), read(".git", ".git/index")]);
  return ["**/.git/**", "!.git/index", "!.git/info/exclude", ...wholeDirectoryRules(ignore, index)];
}

async function solveTree({ gateway, signal }: ContextRequest, output: Output | undefined): Promise<string> {
  const { ref } = await gateway.solve({ Definition: definitionToProto(marshal(output)) }, { signal });
  if (ref === undefined) throw new TypeError("the daemon gave no result for a tree that isn't empty");
  return ref.id;
}
