/**
 * `user:group` as the owner of files.
 * Contract: moby/buildkit v0.33.0: client/llb/fileop.go (`WithUser`, `parseUID`).
 */
import type { Owner, OwnerName } from "../../../llb/index.ts";

const LARGEST_ID = 2 ** 31 - 1;

export function parseOwner(text: string): Owner {
  const colon = text.indexOf(":");
  if (colon < 0) return { user: ownerName(text), group: undefined };
  return { user: ownerName(text.slice(0, colon)), group: ownerName(text.slice(colon + 1)) };
}

/** A number, or `root`, is an id; anything else is looked up in the tree. Nothing is root, too. */
function ownerName(text: string): OwnerName {
  if (text === "root" || text === "") return { kind: "id", id: 0 };
  const id = /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  // Ids are 32 bits without a sign on the wire.
  return id >= -LARGEST_ID - 1 && id <= LARGEST_ID ? { kind: "id", id: id >>> 0 } : { kind: "name", name: text };
}
