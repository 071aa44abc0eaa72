/**
 * `RUN --mount`.
 * Behaviour: moby/buildkit v0.33.0 frontend/dockerfile/instructions/commands_runmount.go.
 */
import { BuildError } from "../../../llb/index.ts";
import { csvFields } from "../text/csv.ts";
import { parseBool } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { parseRamSize } from "../text/ram-size.ts";
import { suggest, withSuggestion } from "../text/suggest.ts";
import { syntaxError } from "../text/syntax-error.ts";
import { toLower } from "../text/unicode.ts";

type MountType = "bind" | "cache" | "tmpfs" | "secret" | "ssh";

type CacheSharing = "shared" | "private" | "locked";

/** A mount as written. Texts are "" when not given, which for the original is the same. */
export interface Mount {
  readonly type: MountType;
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  /** Of a tmpfs; 0 for no limit. */
  readonly sizeBytes: number;
  /** Of a cache, a secret, or an ssh agent. */
  readonly id: string;
  readonly sharing: CacheSharing | undefined;
  readonly required: boolean;
  /** The variable that gets a secret; "" asks for a name made from the id. */
  readonly env: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** Replaces the variables of a text. */
export type Expander = (text: string) => string;

type Draft = { -readonly [Key in keyof Mount]: Mount[Key] } & {
  /** Nobody said whether the mount can be written to. */
  readonlyByDefault: boolean;
};

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
const SHARINGS = ["shared", "private", "locked"] as const;
const KEYS = [
  ...["type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid"],
  ...["src", "dst", "destination", "ro", "rw", "readwrite", "env"],
];

/** Throws `BuildError`. Errors of `expand` pass through. */
export function readMount(text: string, expand: Expander): Mount {
  const mount = newDraft();
  for (const field of readFields(text)) {
    const equals = field.indexOf("=");
    if (equals < 0) setSwitch(mount, field);
    else setKey(mount, toLower(field.slice(0, equals)), expand(field.slice(equals + 1)), field);
  }
  return finish(mount);
}

/**
 * The `from` of a mount, the only part that counts before variables are known, or undefined. Throws `BuildError` when it
 * has a variable, and for a text that is no list of fields.
 */
export function readMountFrom(text: string): string | undefined {
  let from: string | undefined;
  for (const field of readFields(text)) {
    const equals = field.indexOf("=");
    const key = toLower(field.slice(0, Math.max(0, equals)));
    if (key !== "from") continue;
    from = field.slice(equals + 1);
    const dollar = from.indexOf("$");
    if (dollar >= 0 && dollar !== from.length - 1) {
      throw syntaxError(`'${key}' doesn't support variable expansion, define alias stage instead`);
    }
  }
  return from === "" ? undefined : from;
}

function readFields(text: string): readonly string[] {
  try {
    return csvFields(text);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw syntaxError(`failed to parse csv mounts: ${error.message}`);
  }
}

function newDraft(): Draft {
  return {
    type: "bind",
    from: "",
    source: "",
    target: "",
    readonly: false,
    sizeBytes: 0,
    id: "",
    sharing: undefined,
    required: false,
    env: undefined,
    mode: undefined,
    uid: undefined,
    gid: undefined,
    readonlyByDefault: true,
  };
}

/** A field without "=". */
function setSwitch(mount: Draft, field: string): void {
  const key = toLower(field);
  switch (key) {
    case "readonly":
    case "ro":
      setReadonly(mount, true);
      break;
    case "readwrite":
    case "rw":
      setReadonly(mount, false);
      break;
    case "required":
      setRequired(mount, key, "true");
      break;
    default:
      throw syntaxError(`invalid field '${field}' must be a key=value pair`);
  }
}

function setKey(mount: Draft, key: string, value: string, field: string): void {
  switch (key) {
    case "type":
      mount.type = oneOf(TYPES, value, "unsupported mount type");
      break;
    case "from":
    case "id":
    case "env":
      mount[key] = value;
      break;
    case "source":
    case "src":
      mount.source = value;
      break;
    case "target":
    case "dst":
    case "destination":
      mount.target = value;
      break;
    case "readonly":
    case "ro":
      setReadonly(mount, readBool(key, value));
      break;
    case "readwrite":
    case "rw":
      setReadonly(mount, !readBool(key, value));
      break;
    case "required":
      setRequired(mount, key, value);
      break;
    case "size":
      setSize(mount, key, value);
      break;
    case "sharing":
      mount.sharing = oneOf(SHARINGS, value, "unsupported sharing value");
      break;
    case "mode":
      mount.mode = readUnsigned(key, value, 8);
      break;
    case "uid":
    case "gid":
      mount[key] = readUnsigned(key, value, 10);
      break;
    default:
      throw syntaxError(withSuggestion(`unexpected key '${key}' in '${field}'`, suggest(key, KEYS)));
  }
}

function setReadonly(mount: Draft, value: boolean): void {
  mount.readonly = value;
  mount.readonlyByDefault = false;
}

function setRequired(mount: Draft, key: string, value: string): void {
  if (mount.type !== "secret" && mount.type !== "ssh") throw unexpectedKey(mount, key);
  mount.required = readBool(key, value);
}

function setSize(mount: Draft, key: string, value: string): void {
  if (mount.type !== "tmpfs") throw unexpectedKey(mount, key);
  const size = parseRamSize(value);
  if (size === undefined) throw syntaxError(`invalid value for ${key}: ${value}`);
  mount.sizeBytes = size;
}

/** The checks that need all of the fields. */
function finish(mount: Draft): Mount {
  const { readonlyByDefault, ...rest } = mount;
  const { type } = mount;
  if (type === "bind" || type === "tmpfs") {
    for (const key of ["mode", "uid", "gid"] as const) {
      if (mount[key] !== undefined) throw syntaxError(`${key} not allowed for ${quote(type)} type mounts`);
    }
  }
  if (type === "secret") checkSecret(mount);
  if (mount.sharing !== undefined && type !== "cache") {
    throw syntaxError(`invalid cache sharing set for ${type} mount`);
  }
  return readonlyByDefault ? { ...rest, readonly: type !== "cache" && type !== "tmpfs" } : rest;
}

function checkSecret(mount: Draft): void {
  if (mount.from !== "") throw syntaxError("secret mount should not have a from");
  if (mount.sharing !== undefined) throw syntaxError("secret mount should not define sharing");
  if (mount.source === "" && mount.target === "" && mount.id === "") {
    throw syntaxError("invalid secret mount. one of source, target required");
  }
  if (mount.source !== "" && mount.id !== "") throw syntaxError("both source and id can't be set");
}

function oneOf<Choice extends string>(choices: readonly Choice[], value: string, problem: string): Choice {
  const lower = toLower(value);
  const choice = choices.find((candidate) => candidate === lower);
  if (choice !== undefined) return choice;
  throw syntaxError(withSuggestion(`${problem} ${quote(value)}`, suggest(value, choices)));
}

function readBool(key: string, value: string): boolean {
  const bool = parseBool(value);
  if (bool === undefined) throw syntaxError(`invalid value for ${key}: ${value}`);
  return bool;
}

/** Numbers of 32 bits. */
function readUnsigned(key: string, value: string, base: 8 | 10): number {
  const digits = base === 8 ? /^[0-7]+$/ : /^[0-9]+$/;
  const number = digits.test(value) ? Number.parseInt(value, base) : Number.NaN;
  if (!(number <= 0xffff_ffff)) throw syntaxError(`invalid value ${value} for ${key}`);
  return number;
}

function unexpectedKey(mount: Draft, key: string): Error {
  return syntaxError(`unexpected key '${key}' for mount type '${mount.type}'`);
}
