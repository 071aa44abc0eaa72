/**
 * URLs taken apart as Go does, which differs from the web's rules: nothing is normalised, and the host may be anything
 * without blanks. Only what sources of builds need.
 * Contract: Go 1.26 net/url (`Parse`, `EscapedPath`, `ParseQuery`).
 */
import { isIPv6 } from "node:net";

export interface ParsedUrl {
  /** In lower case, without ":"; empty when there is none. */
  readonly scheme: string;
  /** `user:password`, as it is written again; empty when there is none. */
  readonly user: string;
  /** With the port. */
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  readonly query: string;
  /** Decoded. */
  readonly fragment: string;
  /** The URL without query and fragment. */
  readonly remote: string;
}

/** `undefined` when Go would refuse it. */
export function parseUrl(text: string): ParsedUrl | undefined {
  const [beforeFragment, rawFragment] = cut(text, "#");
  const fragment = decode(rawFragment);
  if (fragment === undefined || /[\x00-\x1f\x7f]/.test(beforeFragment) || beforeFragment.startsWith(":"))
    return undefined;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(beforeFragment)?.[1];
  const [rest, query] = cut(scheme === undefined ? beforeFragment : beforeFragment.slice(scheme.length + 1), "?");
  if (!rest.startsWith("/")) return opaqueOrRelative(scheme, rest, query, fragment);
  const hasAuthority = rest.startsWith("//") && (scheme !== undefined || !rest.startsWith("///"));
  const slash = hasAuthority ? rest.indexOf("/", 2) : 0;
  const authority = hasAuthority ? rest.slice(2, slash < 0 ? undefined : slash) : "";
  const rawPath = slash < 0 ? "" : rest.slice(slash);
  const path = decode(rawPath);
  const parsed = parseAuthority(authority, scheme?.toLowerCase() ?? "");
  if (path === undefined || parsed === undefined) return undefined;
  const name = scheme?.toLowerCase() ?? "";
  const user = parsed.user === "" ? "" : `${parsed.user}@`;
  const prefix = name === "" ? "" : `${name}:`;
  const written = hasAuthority ? `//${user}${escapeHost(parsed.host)}` : "";
  // A question mark with nothing after it stays when the query goes.
  const mark = query === "" && beforeFragment.endsWith("?") ? "?" : "";
  const remote = prefix + written + escapedPath(rawPath, path) + mark;
  return { scheme: name, ...parsed, path, query, fragment, remote };
}

/** The values of each name, in order of appearance; parts that are no pairs are left out. `strict`: undefined for them. */
export function parseQuery(query: string, strict = false): ReadonlyMap<string, readonly string[]> | undefined {
  const values = new Map<string, string[]>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const [rawKey, rawValue] = cut(part, "=");
    const key = decode(rawKey.replaceAll("+", " "));
    const value = decode(rawValue.replaceAll("+", " "));
    if (part.includes(";") || key === undefined || value === undefined) {
      if (strict) return undefined;
      continue;
    }
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

function opaqueOrRelative(
  scheme: string | undefined,
  rest: string,
  query: string,
  fragment: string,
): ParsedUrl | undefined {
  if (scheme !== undefined) {
    const name = scheme.toLowerCase();
    return { scheme: name, user: "", host: "", path: "", query, fragment, remote: `${name}:${rest}` };
  }
  const firstSegment = rest.split("/", 1)[0] ?? "";
  const path = decode(rest);
  if (firstSegment.includes(":") || path === undefined) return undefined;
  return { scheme: "", user: "", host: "", path, query, fragment, remote: escapedPath(rest, path) };
}

function parseAuthority(
  authority: string,
  scheme: string,
): { readonly user: string; readonly host: string } | undefined {
  const at = authority.lastIndexOf("@");
  const rawUser = at < 0 ? "" : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(rawUser)) return undefined;
  const user = at < 0 ? "" : writtenUser(rawUser);
  const rawHost = authority.slice(at + 1);
  const host = decodeHost(rawHost);
  if (user === undefined || host === undefined) return undefined;
  return isHost(rawHost, scheme) ? { user, host } : undefined;
}

/** A name or an address in brackets, with or without a port. */
function isHost(text: string, scheme: string): boolean {
  const bracket = text.lastIndexOf("[");
  if (bracket > 0) return false;
  if (bracket === 0) {
    const [, address = "", port] = /^\[(.*)\](.*)$/.exec(text) ?? [];
    return port !== undefined && isPort(port) && isIPv6(decode(address) ?? "");
  }
  const strict = scheme === "http" || scheme === "https";
  const colon = strict ? text.indexOf(":") : text.lastIndexOf(":");
  return colon < 0 || isPort(text.slice(colon));
}

function isPort(text: string): boolean {
  return /^(?::\d*)?$/.test(text);
}

/** Decoded and encoded again, so that it has one form. */
function writtenUser(raw: string): string | undefined {
  const parts = raw.includes(":") ? cut(raw, ":") : [raw];
  const decoded = parts.map(decode);
  if (decoded.some((part) => part === undefined)) return undefined;
  return decoded.map((part) => percentEncode(part ?? "", /[A-Za-z0-9\-_.~$&+,;=]/)).join(":");
}

/** In a host only bytes outside of ASCII may be written with percent signs. */
function decodeHost(raw: string): string | undefined {
  if (/[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.test(raw) || /%(?![89A-Fa-f][0-9A-Fa-f])/.test(raw)) {
    return undefined;
  }
  return decode(raw);
}

function escapeHost(host: string): string {
  return percentEncode(host, /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/);
}

/** The path as written if it is a valid encoding, else the usual encoding of what it means. */
function escapedPath(raw: string, path: string): string {
  const valid = /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]/]|%[0-9A-Fa-f]{2})*$/.test(raw);
  return valid ? raw : percentEncode(path, /[A-Za-z0-9\-_.~$&+,/:;=@]/);
}

function percentEncode(text: string, plain: RegExp): string {
  let escaped = "";
  for (const character of text) {
    if (plain.test(character)) escaped += character;
    else {
      for (const byte of new TextEncoder().encode(character)) {
        escaped += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
      }
    }
  }
  return escaped;
}

function decode(text: string): string | undefined {
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const bytes = text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) =>
    new TextDecoder().decode(Uint8Array.from(run.slice(1).split("%"), (byte) => Number.parseInt(byte, 16))),
  );
  return bytes;
}

function cut(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ""] : [text.slice(0, index), text.slice(index + separator.length)];
}
