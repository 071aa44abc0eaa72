/**
 * What of an image is built: profile, architecture, coverage, sanitizer. Together with the files they decide the fingerprint;
 * nothing else does. docs/format.md, "What decides profile, architecture, coverage, sanitizer".
 */
import { BuildError, linux, type Platform } from "../llb/index.ts";
import { didYouMean } from "./nearest-names.ts";

export const PROFILES = ["dev", "optimized", "release"] as const;
export const ARCHITECTURES = ["x86_64", "aarch64"] as const;
export const SANITIZERS = ["none", "address", "hwaddress", "cfi", "thread", "leak", "undefined"] as const;

export type Profile = (typeof PROFILES)[number];
export type Architecture = (typeof ARCHITECTURES)[number];
export type Sanitizer = (typeof SANITIZERS)[number];

export interface Variant {
  readonly profile: Profile;
  readonly architecture: Architecture;
  readonly coverage: boolean;
  readonly sanitizer: Sanitizer;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What options said; undefined where they said nothing. */
export type VariantOptions = { readonly [Key in keyof Variant]?: Variant[Key] | undefined };

export interface VariantDefaults {
  readonly env: Environment;
  /** The machine's architecture in Node's or uname's words: "x64", "x86_64", "arm64", "aarch64". */
  readonly hostArchitecture: string;
  /** From the repository's settings. */
  readonly profile?: Profile | undefined;
}

/**
 * Options first, then the environment (`CI_LTO`, `CI_COVERAGE_ENABLED`, `CI_SANITIZER`), then the settings. No option turns
 * off what the environment turns on. Throws `BuildError` "unknown-sanitizer" and "unknown-architecture"; a bad
 * `CI_SANITIZER` fails even when an option overrides it, as the format demands.
 */
export function variantOf(options: VariantOptions, { env, hostArchitecture, profile }: VariantDefaults): Variant {
  const sanitizer = env["CI_SANITIZER"] === undefined ? "none" : parseSanitizer(env["CI_SANITIZER"], "CI_SANITIZER");
  return {
    profile: options.profile ?? (isTruthy(env["CI_LTO"]) ? "release" : (profile ?? "optimized")),
    architecture: options.architecture ?? parseArchitecture(hostArchitecture),
    coverage: options.coverage || isTruthy(env["CI_COVERAGE_ENABLED"]),
    sanitizer: options.sanitizer ?? sanitizer,
  };
}

/** Set, and none of "", "0", "no", "false" in this very spelling. */
export function isTruthy(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "no", "false"].includes(value);
}

/** `source` says in the message where the name is from: "--sanitizer", "CI_SANITIZER". */
export function parseSanitizer(name: string, source: string): Sanitizer {
  const known = SANITIZERS.find((sanitizer) => sanitizer === name);
  if (known !== undefined) return known;
  const hint = didYouMean(name, SANITIZERS) ?? `the sanitizers are ${SANITIZERS.join(", ")}`;
  throw new BuildError("unknown-sanitizer", `${source} names ${JSON.stringify(name)}, which is no sanitizer`, { hint });
}

/** Accepts the format's names and the other usual ones. Throws `BuildError` "unknown-architecture". */
export function parseArchitecture(name: string): Architecture {
  switch (name) {
    case "x86_64":
    case "x64":
    case "amd64":
      return "x86_64";
    case "aarch64":
    case "arm64":
      return "aarch64";
    default:
      throw new BuildError(
        "unknown-architecture",
        `images cannot be built for the architecture ${JSON.stringify(name)}`,
        {
          hint: `the architectures are ${ARCHITECTURES.join(" and ")}`,
        },
      );
  }
}

/** Go's, and so Docker's, name of the architecture. */
export function goArchitecture(architecture: Architecture): "amd64" | "arm64" {
  return architecture === "x86_64" ? "amd64" : "arm64";
}

/** The platform that images of this architecture run on. */
export function platformOf(architecture: Architecture): Platform {
  return linux(goArchitecture(architecture));
}

/** `optimized/x86_64`, with `/coverage` and `/sanitizer=NAME` where they are on. */
export function formatVariant({ profile, architecture, coverage, sanitizer }: Variant): string {
  const extras = [...(coverage ? ["coverage"] : []), ...(sanitizer === "none" ? [] : [`sanitizer=${sanitizer}`])];
  return [profile, architecture, ...extras].join("/");
}
