/**
 * The repository that a project's images go to.
 * Contract: docker/distribution v2.8.1: reference (`ParseNamed`); messages as there.
 */
import { BuildError, formatImageReference, parseImageReference } from "../../llb/index.ts";

export interface TargetRepository {
  /** With a port, if there is one. */
  readonly host: string;
  readonly path: string;
  /** `host/path`. */
  readonly name: string;
}

/** A tag is dropped. Throws `BuildError` "bad-target", its message beginning with `lead`. */
export function parseTarget(text: string, lead = ""): TargetRepository {
  const parsed = parseImageReference(text);
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
