/**
 * `--cache-from` and `--cache-to` as docker buildx reads them.
 * Source: docker/buildx v0.37.0: util/buildflags/cache.go, build/opt.go (CreateCaches).
 */
import { ClientError } from "../client-error.ts";
import { csvFields } from "./csv-fields.ts";
import { keyValues, parseBoolean, withoutKeys } from "./key-values.ts";

/** A cache of the daemon's, in its own terms: `registry`, `local`, `inline`, `gha`, `s3`, `azblob`, … */
export interface CacheOption {
  readonly type: string;
  readonly attrs: Readonly<Record<string, string>>;
}

/** Without any "=", each field is a reference to a cache in a registry. Throws `ClientError` "bad-option". */
export function parseCacheOption(option: "--cache-from" | "--cache-to", text: string): readonly CacheOption[] {
  if (!text.includes("=")) return csvFields(text).map((ref) => ({ type: "registry", attrs: { ref } }));
  const given = keyValues(option, text);
  const type = given.get("type") ?? "";
  if (type === "") {
    throw new ClientError("bad-option", `${option} ${text}: type is missing`, {
      hint: "for example type=registry,ref=…",
    });
  }
  return [{ type, attrs: withoutKeys(given, "type") }];
}

/**
 * Adds what a CI system or cloud keeps in the environment: GitHub's cache endpoint and token for `gha`, access keys for
 * `s3` (from variables only; the original also reads AWS's files). A `gha` cache without them is dropped, as outside of GitHub.
 */
export function withEnvironment(
  options: readonly CacheOption[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly CacheOption[] {
  return options.flatMap(({ type, attrs }) => {
    if (type === "s3") return [{ type, attrs: withAwsKeys(attrs, environment) }];
    if (type !== "gha") return [{ type, attrs }];
    const complete = withGithubToken(attrs, environment);
    const active = complete["token"] && (complete["url"] || complete["url_v2"]);
    return active ? [{ type, attrs: complete }] : [];
  });
}

type Attrs = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string | undefined>>;

function withGithubToken(attrs: Attrs, environment: Environment): Attrs {
  const v2 =
    attrs["version"] === undefined
      ? parseBoolean(environment["ACTIONS_CACHE_SERVICE_V2"] ?? "") === true
      : attrs["version"] === "2";
  return defined({
    token: environment["ACTIONS_RUNTIME_TOKEN"],
    url_v2: v2 ? environment["ACTIONS_RESULTS_URL"] : undefined,
    url: environment["ACTIONS_CACHE_URL"] ?? environment["ACTIONS_RESULTS_URL"],
    ...attrs,
  });
}

function withAwsKeys(attrs: Attrs, environment: Environment): Attrs {
  // Keys that were given belong together: a session token of the environment would not be theirs.
  if (attrs["access_key_id"] !== undefined && attrs["secret_access_key"] !== undefined) return attrs;
  return defined({
    access_key_id: environment["AWS_ACCESS_KEY_ID"],
    secret_access_key: environment["AWS_SECRET_ACCESS_KEY"],
    session_token: environment["AWS_SESSION_TOKEN"],
    ...attrs,
  });
}

function defined(attrs: Readonly<Record<string, string | undefined>>): Attrs {
  const result: Record<string, string> = {};
  for (const [key, value] of Object.entries(attrs)) if (value !== undefined) result[key] = value;
  return result;
}
