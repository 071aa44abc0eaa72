/**
 * Names and patterns travel in gRPC metadata, which is ASCII only: a key's values are percent-encoded, all of them, when
 * "<key>-encoded" says so.
 * Source: moby/buildkit v0.33.0: session/filesync/filesync.go (encodeOpts, decodeOpts).
 */
import type { Metadata } from "../rpc/method.ts";

/** The values of `key`, decoded; empty where it is absent. */
export function decodedValues(metadata: Metadata, key: string): readonly string[] {
  const values = metadata.get(key) ?? [];
  return isTrue(metadata.get(`${key}-encoded`)?.[0]) ? values.map(queryUnescape) : values;
}

/** What Go's strconv.ParseBool takes for true. */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && ["1", "t", "T", "TRUE", "true", "True"].includes(value);
}

/** Go's url.QueryUnescape; what it refuses becomes empty there, and here. */
function queryUnescape(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return "";
  }
}
