/**
 * What is wrong with the Dockerfile of an image, all of it, as far as it shows without asking a registry: mistakes of the
 * language, of single instructions, and what the linter finds.
 */
import {
  type Answer,
  type CompileOptions,
  compileDockerfile,
  type ImageLookup,
  type Known,
  type LintWarning,
  type Lookup,
  lookupKey,
  type ParseResult,
  parseBuildOptions,
  parseDockerfile,
} from "../frontend/dockerfile/index.ts";
import { BuildError, formatPlatform } from "../llb/index.ts";
import type { Image } from "./image.ts";
import { buildArgAttributes } from "./image-graph.ts";
import { platformOf, type Variant } from "./variant.ts";

export interface ImageCheck {
  /** In the order of the file, as far as they have places. */
  readonly mistakes: readonly BuildError[];
  readonly warnings: readonly Pick<LintWarning, "rule" | "message" | "lines">[];
}

/** Rules that only a base image's config can decide. */
const UNDECIDABLE: ReadonlySet<string> = new Set(["UndefinedVar", "InvalidBaseImagePlatform"]);

export function checkImage(image: Image, variant: Variant): ImageCheck {
  const file = `${image.path}/Dockerfile`;
  const parsed = parseDockerfile(image.dockerfile, file);
  const mistakes = parsed.errors.map(({ message, range }) => new BuildError("dockerfile", message, { at: [range] }));
  if (mistakes.length === 0 && parsed.dockerfile.stages.length === 0) {
    mistakes.push(new BuildError("no-stages", `${file}: dockerfile contains no stages to build`));
  }
  if (mistakes.length > 0) return { mistakes, warnings: parsed.findings };
  return compileForCheck(image, variant, parsed);
}

function compileForCheck(image: Image, variant: Variant, parsed: ParseResult): ImageCheck {
  const platform = platformOf(variant.architecture);
  const opts = { ...buildArgAttributes(image, variant), platform: formatPlatform(platform) };
  const mistakes: BuildError[] = [];
  const warnings: LintWarning[] = [];
  const supports = () => true;
  const options: CompileOptions = {
    build: parseBuildOptions(opts, { platforms: [platform], supports }),
    targetPlatform: platform,
    mainContext: { kind: "tree", output: undefined },
    opts,
    sessionId: "",
    source: {
      filename: `${image.path}/Dockerfile`,
      language: "Dockerfile",
      data: image.dockerfile,
      origin: undefined,
    },
    supports,
    // Their names are checked where the repository is read.
    images: new Map(image.mzfrom.map(({ value }) => [value, { kind: "reference", reference: "repository/image" }])),
    forInformation: true,
    allStages: true,
    onMistake: (mistake) => mistakes.push(mistake),
  };
  try {
    compileWithoutAsking((known) => {
      // Each round begins anew.
      mistakes.length = 0;
      warnings.length = 0;
      return compileDockerfile(parsed, options, known, warnings);
    });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    if (error.code !== "lint-violation") mistakes.push(error);
  }
  const unsure = unsureLines(parsed, warnings);
  return {
    mistakes: mistakes.filter(({ at }) => !unsure.has(at[0]?.start.line ?? 0)),
    warnings: warnings.filter(({ rule }) => !UNDECIDABLE.has(rule)),
  };
}

/** Instructions with variables that may be those of the base: they may be right after all. No rule looks at those of EXPOSE. */
function unsureLines({ dockerfile }: ParseResult, warnings: readonly LintWarning[]): ReadonlySet<number> {
  const undefinedVars = warnings.filter(({ rule }) => rule === "UndefinedVar");
  const exposes = dockerfile.stages
    .flatMap(({ commands }) => commands)
    .filter((command) => command.kind === "expose" && command.ports.some((port) => port.text.includes("$")));
  return new Set([...undefinedVars, ...exposes].map(({ lines }) => lines.first));
}

/** Compiles until nothing more is asked for; what comes from outside is as little as it can be. */
function compileWithoutAsking(compile: (known: Known) => ReturnType<typeof compileDockerfile>): void {
  const known = new Map<string, Answer>();
  for (let round = compile(known); round.kind === "needs" && round.lookups.length > 0; round = compile(known)) {
    for (const lookup of round.lookups) known.set(lookupKey(lookup), emptyAnswer(lookup));
  }
}

function emptyAnswer(lookup: Lookup): Answer {
  switch (lookup.kind) {
    case "image":
      return { kind: "image", reference: lookup.reference, digest: "", config: emptyConfig(lookup) };
    case "source":
      return { kind: "source", commitObject: undefined, lastModified: undefined };
    case "files":
      return { kind: "files", files: new Map() };
    case "inputs":
      return { kind: "inputs", inputs: new Map() };
    case "host-key":
      return { kind: "host-key", line: undefined };
  }
}

function emptyConfig({ platform }: ImageLookup): string {
  const layer = `sha256:${"0".repeat(64)}`;
  return JSON.stringify({
    os: platform?.os,
    architecture: platform?.architecture,
    variant: platform?.variant,
    rootfs: { type: "layers", diff_ids: [layer] },
  });
}
