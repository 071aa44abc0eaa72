/**
 * Names of images as people write them, and in full.
 * Contract: distribution/reference v0.6.0 (`ParseNormalizedNamed`, `TagNameOnly`).
 */

/** `domain/path[:tag][@digest]`, with the domain and `library/` filled in. */
export interface ImageReference {
  readonly domain: string;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export type ParsedReference =
  | { readonly kind: "reference"; readonly reference: ImageReference }
  /** `message` is the one of the original. */
  | { readonly kind: "invalid"; readonly message: string };

const DOMAIN_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const REMOTE_NAME = `${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const TAG_PATTERN = "[\\w][\\w.-]{0,127}";
const DIGEST_PATTERN = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9a-fA-F]{32,}";
const REFERENCE_REG_EXP = new RegExp(
  `^((?:${DOMAIN}/)?${REMOTE_NAME})(?::(${TAG_PATTERN}))?(?:@(${DIGEST_PATTERN}))?$`,
);
const ANCHORED_NAME = new RegExp(`^(?:(${DOMAIN})/)?(${REMOTE_NAME})$`);
const IDENTIFIER = /^[a-f0-9]{64}$/;
const LONGEST_PATH = 255;
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** Reads a name as `docker pull` does: `alpine` is `docker.io/library/alpine`. A missing tag stays missing. */
export function parseImageReference(text: string): ParsedReference {
  if (IDENTIFIER.test(text)) {
    return invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const full = normalizeName(text);
  const name = full.remainder.split(/[:@]/, 1)[0] ?? "";
  const remote = full.remainder.includes(":") ? full.remainder.slice(0, full.remainder.indexOf(":")) : full.remainder;
  if (remote.toLowerCase() !== remote) {
    return invalid(`invalid reference format: repository name (${name}) must be lowercase`);
  }
  const match = REFERENCE_REG_EXP.exec(`${full.domain}/${full.remainder}`);
  if (match === null) {
    return text === ""
      ? invalid("repository name must have at least one component")
      : invalid("invalid reference format");
  }
  const [, whole = "", tag, digest] = match;
  const parts = ANCHORED_NAME.exec(whole);
  const path = parts?.[2] ?? "";
  if (path.length > LONGEST_PATH) return invalid(`repository name must not be more than ${LONGEST_PATH} characters`);
  if (digest !== undefined) {
    const problem = digestProblem(digest);
    if (problem !== undefined) return invalid(problem);
  }
  return { kind: "reference", reference: { domain: parts?.[1] ?? full.domain, path, tag, digest } };
}

/** The reference in full, as it stands in the identifier of a source. */
export function formatImageReference({ domain, path, tag, digest }: ImageReference): string {
  return `${domain}/${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** With the tag `latest` where there is neither tag nor digest. */
export function withDefaultTag(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/**
 * What a daemon looks up: `acme/app` is `docker.io/acme/app:latest`, where the daemon itself would take `acme` for a host. What is no
 * reference stays as it is, for the daemon to say so.
 */
export function fullImageName(text: string): string {
  const parsed = parseImageReference(text);
  return parsed.kind === "invalid" ? text : formatImageReference(withDefaultTag(parsed.reference));
}

function invalid(message: string): ParsedReference {
  return { kind: "invalid", message };
}

function normalizeName(text: string): { domain: string; remainder: string } {
  const slash = text.indexOf("/");
  const first = text.slice(0, slash);
  const hasDomain = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  const domainName = hasDomain ? (first === "index.docker.io" ? "docker.io" : first) : "docker.io";
  const remainder = hasDomain ? text.slice(slash + 1) : text;
  return {
    domain: domainName,
    remainder: domainName === "docker.io" && !remainder.includes("/") ? `library/${remainder}` : remainder,
  };
}

function digestProblem(digest: string): string | undefined {
  const algorithm = digest.slice(0, digest.indexOf(":"));
  const hex = digest.slice(algorithm.length + 1);
  const length = DIGEST_LENGTHS[algorithm];
  if (length === undefined) return "unsupported digest algorithm";
  if (hex.length !== length) return "invalid checksum digest length";
  return /^[a-f0-9]+$/.test(hex) ? undefined : "invalid checksum digest format";
}
