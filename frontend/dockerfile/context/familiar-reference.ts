import { formatImageReference, type ImageReference } from "../../../llb/index.ts";

/** A reference as people write it: without what is filled in by itself. */
export function familiarReference(reference: ImageReference): string {
  const full = formatImageReference(reference);
  return full.startsWith("docker.io/") ? full.slice("docker.io/".length).replace(/^library\/(?=[^/]*$)/, "") : full;
}
