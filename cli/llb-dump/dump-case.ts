/**
 * What the frontend would send for a case, in the form of the dump protocol.
 * Described in test/testdata/conformance/README.md.
 */
import {
  answerAll,
  answerRequest,
  type BuildResult,
  errorRanges,
  type FrontendRequest,
  type LintWarning,
  lineRanges,
  platformKey,
  type SubrequestResult,
  shortMessage,
  type World,
} from "../../frontend/dockerfile/index.ts";
import {
  BuildError,
  type Definition,
  type LineRange,
  type MarshalledMetadata,
  marshal,
  type SourceInfo,
} from "../../llb/index.ts";
import { type CaseRequest, readCaseRequest } from "./case-request.ts";
import { caseSolver, caseWorld } from "./case-world.ts";

export interface CaseAnswer {
  readonly digests?: readonly string[];
  readonly builds?: readonly { readonly platform: string; readonly digests: readonly string[] }[];
  readonly error?: { readonly message: string; readonly range?: readonly string[] };
  readonly result?: Readonly<Record<string, string>>;
  readonly warnings?: readonly CaseWarning[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly locations?: Readonly<Record<string, readonly string[]>>;
  /** For each definition, the files that its locations are in. */
  readonly sources?: readonly (readonly CaseSource[])[];
}

export interface CaseSource {
  readonly filename: string;
  readonly language: string;
  readonly size: number;
  /** The digests of the definition that the file was read from. */
  readonly definition?: readonly string[];
}

export interface CaseWarning {
  readonly message: string;
  readonly detail?: readonly string[];
  readonly url?: string;
  readonly ranges?: readonly string[];
}

/** Nothing goes over the network, unless `network` has what does. */
export async function dumpCase(folder: string, network: Pick<World, "hostKey"> = {}): Promise<CaseAnswer> {
  const request = await readCaseRequest(folder);
  const world = { ...caseWorld(folder, request), ...network };
  const warnings: LintWarning[] = [];
  try {
    const done = await solve(world, request, request.opts, warnings);
    if (done.kind === "subrequest") {
      return { result: Object.fromEntries(done.metadata), warnings: dumpWarnings(warnings) };
    }
    return { ...dumpBuilds(done), warnings: dumpWarnings(warnings), result: Object.fromEntries(done.metadata) };
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    const range = errorRanges(error).flat().map(formatRange);
    return {
      error: { message: error.message, ...(range.length === 0 ? {} : { range }) },
      warnings: dumpWarnings(warnings),
    };
  }
}

/** Any other frontend that the file asks for is ourselves again. */
async function solve(
  world: World,
  request: CaseRequest,
  opts: CaseRequest["opts"],
  warnings: LintWarning[],
): Promise<BuildResult | SubrequestResult> {
  const frontend: FrontendRequest = { opts, sessionId: request.session, solver: caseSolver(request), hasInputs: false };
  const done = await answerAll(answerRequest(frontend, warnings), world);
  if (done.kind === "claimed") throw new TypeError("no file is claimed here");
  if (done.kind !== "forward") return done;
  try {
    return await solve(world, request, { ...opts, cmdline: done.cmdline, source: done.frontend }, warnings);
  } catch (error) {
    if (!(error instanceof BuildError) || error.at.length > 0) throw error;
    throw forwardError(error, done.ranges, done.cmdline);
  }
}

/** An error of the other frontend that has no place is one of the line that asked for it. */
function forwardError(error: BuildError, ranges: readonly LineRange[] | undefined, cmdline: string): BuildError {
  if (ranges === undefined) {
    return new BuildError(error.code, `failed with build-arg:BUILDKIT_SYNTAX = ${cmdline}: ${error.message}`);
  }
  const at = ranges.map(({ start, end }) => ({
    file: "Dockerfile",
    start: { line: start.line, column: 1 },
    end: { line: end.line, column: 1 },
  }));
  return new BuildError(error.code, error.message, { at });
}

function dumpBuilds({ builds, multiPlatform }: BuildResult): CaseAnswer {
  // A platform that was asked for twice, in two forms, is one result.
  const byPlatform = new Map(
    builds.map(({ platform, compiled }) => [platformKey(platform), marshal(compiled.output)] as const),
  );
  const definitions = [...byPlatform].map(([platform, definition]) => ({ platform, definition }));
  definitions.sort((a, b) => (a.platform < b.platform ? -1 : 1));
  const metadata: Record<string, unknown> = {};
  const locations: Record<string, readonly string[]> = {};
  for (const { definition } of definitions) {
    const groups = new Map<string, string>();
    for (const [digest, entry] of definition.metadata) metadata[digest] = dumpMetadata(entry, groups);
    for (const [digest, places] of definition.source.locations) {
      locations[digest] = places.flatMap(({ ranges }) => ranges.map(formatRange));
    }
  }
  const sources = definitions.map(({ definition }) => definition.source.infos.map(dumpSource));
  const [first] = definitions;
  if (!multiPlatform && first !== undefined) {
    return { digests: digestsOf(first.definition), metadata, locations, sources };
  }
  const dumped = definitions.map(({ platform, definition }) => ({ platform, digests: digestsOf(definition) }));
  return { builds: dumped, metadata, locations, sources };
}

function dumpSource({ filename, language, data, definition }: SourceInfo): CaseSource {
  const origin = definition === undefined ? {} : { definition: digestsOf(definition) };
  return { filename, language, size: data.length, ...origin };
}

function digestsOf({ ops }: Definition): string[] {
  return ops.map(({ digest }) => digest);
}

/** As protobuf's JSON has it, with the names of ops.proto. */
function dumpMetadata(entry: MarshalledMetadata, groups: Map<string, string>): unknown {
  const { ignoreCache, description, caps, progressGroup, linuxResources } = entry;
  return {
    ...(ignoreCache ? { ignore_cache: true } : {}),
    ...(Object.keys(description).length === 0 ? {} : { description }),
    ...(caps.length === 0 ? {} : { caps: Object.fromEntries(caps.map((cap) => [cap, true])) }),
    ...(progressGroup === undefined ? {} : { progress_group: dumpGroup(progressGroup, groups) }),
    ...(linuxResources === undefined ? {} : { linux_resources: dumpResources(linuxResources) }),
  };
}

/** Groups are numbered in the order of their appearance. */
function dumpGroup(
  { id, name, weak }: NonNullable<MarshalledMetadata["progressGroup"]>,
  groups: Map<string, string>,
): unknown {
  const number = groups.get(id) ?? `pg${groups.size + 1}`;
  groups.set(id, number);
  return { id: number, name, ...(weak ? { weak } : {}) };
}

/** Numbers of 64 bits are texts. */
function dumpResources(resources: NonNullable<MarshalledMetadata["linuxResources"]>): unknown {
  return Object.fromEntries(Object.entries(resources).map(([name, value]) => [name, String(value)]));
}

/** Sorted by line and text, as the answers that they are compared with. */
function dumpWarnings(warnings: readonly LintWarning[]): CaseWarning[] {
  const dumped = warnings.map((warning) => {
    const ranges = warning.lines.last < warning.lines.first ? [] : lineRanges(warning.lines).map(formatRange);
    return {
      line: warning.lines.first,
      warning: {
        message: shortMessage(warning).toWellFormed(),
        detail: [warning.description],
        ...(warning.url === "" ? {} : { url: warning.url }),
        ...(ranges.length === 0 ? {} : { ranges }),
      },
    };
  });
  dumped.sort((a, b) => a.line - b.line || (a.warning.message < b.warning.message ? -1 : 1));
  return dumped.map(({ warning }) => warning);
}

function formatRange({ start, end }: LineRange): string {
  return `${start.line}:${start.character}-${end.line}:${end.character}`;
}
