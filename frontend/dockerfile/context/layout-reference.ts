/**
 * `name@sha256:…`: an image in an OCI layout of the client. Unlike images of registries, the name is taken as it stands.
 * Contract: distribution/reference v0.6.0 (`Parse`); moby/buildkit v0.33.0: frontend/dockerui/namedcontext.go.
 */
import { BuildError } from "../../../llb/index.ts";
import { quote } from "../text/quote.ts";

export interface LayoutReference {
  readonly name: string;
  readonly digest: string;
}

const COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${COMPONENT}(?:\\.${COMPONENT})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const PATH = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const TAG = "[\\w][\\w.-]{0,127}";
const DIGEST_PATTERN = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^((?:${DOMAIN}/)?${PATH}(?:/${PATH})*)(?::(${TAG}))?(?:@(${DIGEST_PATTERN}))?$`);

/** Throws `BuildError` "bad-context". */
export function parseLayoutReference(text: string): LayoutReference {
  const match = REFERENCE.exec(text);
  if (match === null) {
    const reason =
      text === ""
        ? "repository name must have at least one component"
        : REFERENCE.test(text.toLowerCase())
          ? "repository name must be lowercase"
          : "invalid reference format";
    throw new BuildError("bad-context", `could not parse oci-layout reference ${quote(text)}: ${reason}`);
  }
  const [, name = "", , digest] = match;
  if (digest === undefined) {
    throw new BuildError("bad-context", `oci-layout reference ${quote(text)} has no digest`);
  }
  return { name, digest };
}
