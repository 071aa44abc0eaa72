/**
 * `add-hosts`: names that every RUN can look up, `name=ip,name=ip`.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/attr.go (`parseExtraHosts`).
 */
import { isIPv4, isIPv6 } from "node:net";
import { BuildError, type HostAddress } from "../../../llb/index.ts";
import { csvFields } from "../text/csv.ts";
import { toLower } from "../text/unicode.ts";

/** Throws `BuildError` "bad-option". */
export function parseExtraHosts(text: string): HostAddress[] {
  if (text === "") return [];
  return csvFields(text).map((field) => {
    const pair = toLower(field);
    const equals = pair.indexOf("=");
    if (equals < 0) throw new BuildError("bad-option", `invalid key-value pair ${field}`);
    const ip = normalizeIp(pair.slice(equals + 1));
    if (ip === undefined) throw new BuildError("bad-option", `failed to parse IP ${pair.slice(equals + 1)}`);
    return { host: pair.slice(0, equals), ip };
  });
}

/** The address in its shortest form; one of version 4 mapped into version 6 is written as version 4. */
function normalizeIp(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const shortest = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest);
  if (mapped === null) return shortest;
  const bytes = [mapped[1], mapped[2]].flatMap((part) => {
    const value = Number.parseInt(part ?? "", 16);
    return [value >> 8, value & 0xff];
  });
  return bytes.join(".");
}
