/** Compiles a Dockerfile that is written in a test, with images that are made up as in the conformance cases. */
import {
  type Answer,
  type CompiledDockerfile,
  type CompileOptions,
  compileDockerfile,
  type Known,
  type Lookup,
  lookupKey,
  parseBuildOptions,
  parseDockerfile,
} from "../../../frontend/dockerfile/index.ts";
import { type ExecOp, linux, type Output, type Vertex, walkInputs } from "../../../llb/index.ts";

export const solver = { platforms: [linux("amd64")], supports: () => true };

export interface TextOptions extends Partial<CompileOptions> {
  /** Configs of images by their full reference, as JSON; others have a PATH and a layer. */
  readonly configs?: Readonly<Record<string, string>>;
  /** Sees each round of questions. */
  readonly onRound?: (lookups: readonly Lookup[]) => void;
}

export function compileText(text: string, { configs = {}, onRound, ...changes }: TextOptions = {}): CompiledDockerfile {
  const { opts = {} } = changes;
  const parsed = parseDockerfile(text);
  const options: CompileOptions = {
    build: parseBuildOptions(opts, solver),
    targetPlatform: undefined,
    mainContext: { kind: "local", name: "context", excludePatterns: [] },
    opts,
    sessionId: "session",
    source: { filename: "Dockerfile", language: "Dockerfile", data: new TextEncoder().encode(text), origin: undefined },
    supports: solver.supports,
    ...changes,
  };
  let known: Known = new Map();
  for (;;) {
    const round = compileDockerfile(parsed, options, known);
    if (round.kind === "done") return round;
    if (round.lookups.length === 0) throw new Error("nothing is asked for, and nothing is done");
    onRound?.(round.lookups);
    known = new Map([
      ...known,
      ...round.lookups.map((lookup) => [lookupKey(lookup), answer(lookup, configs)] as const),
    ]);
  }
}

function answer(lookup: Lookup, configs: Readonly<Record<string, string>>): Answer {
  if (lookup.kind !== "image") throw new Error(`a test has no answer to ${lookup.kind}`);
  const config = configs[lookup.reference] ?? defaultConfig;
  return { kind: "image", reference: lookup.reference, digest: `sha256:${"1".repeat(64)}`, config };
}

const defaultConfig = JSON.stringify({
  architecture: "amd64",
  os: "linux",
  config: { Env: ["PATH=/bin"] },
  rootfs: { type: "layers", diff_ids: [`sha256:${"2".repeat(64)}`] },
});

/** All vertices of a graph, the result first. */
export function verticesOf(output: Output | undefined): Vertex[] {
  const seen = new Set(output === undefined ? [] : [output.vertex]);
  for (const vertex of seen) for (const input of walkInputs(vertex.op)) seen.add(input.vertex);
  return [...seen];
}

/** The process that was run last. */
export function lastExec(output: Output | undefined): ExecOp {
  const found = verticesOf(output).find(({ op }) => op.kind === "exec")?.op;
  if (found?.kind !== "exec") throw new Error("nothing is run");
  return found;
}
