/** The "key=value,key=value" form that docker's options share. */
import { ClientError } from "../client-error.ts";
import { csvFields } from "./csv-fields.ts";

/** Keys in lower case, in their order; of a key given twice the last value counts. Throws `ClientError` "bad-option". */
export function keyValues(option: string, text: string): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const field of csvFields(text)) {
    const equals = field.indexOf("=");
    if (equals === -1) {
      throw new ClientError("bad-option", `${option} ${text}: ${JSON.stringify(field)} is not of the form key=value`);
    }
    result.set(field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1));
  }
  return result;
}

/** What Go's strconv.ParseBool says; undefined for what it refuses. */
export function parseBoolean(text: string): boolean | undefined {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  return ["0", "f", "F", "FALSE", "false", "False"].includes(text) ? false : undefined;
}

/** The attributes as the daemon takes them, without the named ones. */
export function withoutKeys(attrs: ReadonlyMap<string, string>, ...keys: readonly string[]): Record<string, string> {
  return Object.fromEntries([...attrs].filter(([key]) => !keys.includes(key)));
}
