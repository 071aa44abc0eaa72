/**
 * The repository that a project's images go to.
 * Contract: docker/distribution v2.8.1: reference (`ParseNamed`); messages as there.
 */
import { BuildError, formatImageReference, type ParsedReference, parseImageReference } from "../../llb/index.ts";

export interface TargetRepository {
  /** With a port, if there is one. */
  readonly host: string;
  readonly path: string;
  /** `host/path`. */
  readonly name: string;
}

/** A tag is dropped. Throws `BuildError` "bad-target", its message beginning with `lead`. */
export function parseTarget(text: string, lead = ""): TargetRepository {
  const parsed = parseAsThen(text);
  if (parsed.kind === "invalid") {
    throw new BuildError("bad-target", `${lead}${parsed.message}`, {
      hint: `${JSON.stringify(text)} has to name a repository: HOST/PATH`,
    });
  }
  if (formatImageReference(parsed.reference) !== text) {
    const hint = `written in full, it is ${formatImageReference({ ...parsed.reference, tag: undefined, digest: undefined })}`;
    throw new BuildError("bad-target", `${lead}repository name must be canonical`, { hint });
  }
  const { domain, path } = parsed.reference;
  return { host: domain, path, name: `${domain}/${path}` };
}

/** Later releases name what has capitals, take a host for one by its capitals alone, and have words of their own for nothing. */
function parseAsThen(text: string): ParsedReference {
  const host = /^([^/.:]+)\//.exec(text)?.[1] ?? "";
  if (host !== host.toLowerCase()) return invalid("repository name must be lowercase");
  if (text === "") return invalid();
  const parsed = parseImageReference(text);
  return parsed.kind === "invalid" && / must be lowercase$/.test(parsed.message)
    ? invalid("repository name must be lowercase")
    : parsed;
}

function invalid(reason?: string): ParsedReference {
  return {
    kind: "invalid",
    message: ["invalid reference format", ...(reason === undefined ? [] : [reason])].join(": "),
  };
}
