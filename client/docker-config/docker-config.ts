/**
 * Docker's own configuration file, as far as it says how to log in to registries.
 * Source: docker/cli v29.7.2: cli/config/configfile/file.go (LoadFromReader, decodeAuth, parseEnvConfig).
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ClientError, errnoOf, messageOf } from "../client-error.ts";

/** How to log in to one registry. All empty: anonymously. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
  /** OAuth refresh token; stands in for user name and password. */
  readonly identityToken: string;
  /** A bearer token to be used as it is. */
  readonly registryToken: string;
}

export interface DockerConfig {
  /** Where it was read from; BuildKit's token seed lies there too. The directory need not exist. */
  readonly directory: string;
  /** Logins kept in the file, by registry host or URL. */
  readonly logins: ReadonlyMap<string, RegistryLogin>;
  /** Logins given by the environment (`DOCKER_AUTH_CONFIG`); they come before all others. */
  readonly environmentLogins: ReadonlyMap<string, RegistryLogin>;
  /** Names of credential helpers by registry, without "docker-credential-". */
  readonly helpers: ReadonlyMap<string, string>;
  /** The helper for all other registries; undefined where logins are kept in the file. */
  readonly defaultHelper: string | undefined;
}

export const ANONYMOUS: RegistryLogin = { username: "", password: "", identityToken: "", registryToken: "" };

export interface DockerConfigSource {
  /** `DOCKER_CONFIG`, or `~/.docker`. */
  readonly directory: string;
  /** The value of `DOCKER_AUTH_CONFIG`. */
  readonly environmentLogins?: string | undefined;
}

/** A missing file is an empty configuration. Throws `ClientError` "bad-docker-config". */
export async function loadDockerConfig(source: DockerConfigSource): Promise<DockerConfig> {
  const path = join(source.directory, "config.json");
  const text = await readIfPresent(path);
  const content = text === undefined ? {} : parseObject(text, path);
  const environment = source.environmentLogins ? parseObject(source.environmentLogins, "DOCKER_AUTH_CONFIG") : {};
  return {
    directory: source.directory,
    logins: parseLogins(content["auths"], path),
    environmentLogins: parseLogins(environment["auths"], "DOCKER_AUTH_CONFIG"),
    helpers: new Map(Object.entries(asObject(content["credHelpers"])).map(([host, name]) => [host, asText(name)])),
    defaultHelper: asText(content["credsStore"]) || undefined,
  };
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return undefined;
    throw new ClientError("bad-docker-config", `can't read ${path}: ${messageOf(cause)}`, { cause });
  }
}

function parseLogins(value: unknown, origin: string): ReadonlyMap<string, RegistryLogin> {
  return new Map(
    Object.entries(asObject(value)).map(([registry, entry]) => [
      registry,
      parseLogin(asObject(entry), registry, origin),
    ]),
  );
}

function parseLogin(entry: Readonly<Record<string, unknown>>, registry: string, origin: string): RegistryLogin {
  const encoded = asText(entry["auth"]);
  const tokens = { identityToken: asText(entry["identitytoken"]), registryToken: asText(entry["registrytoken"]) };
  if (encoded === "") return { username: asText(entry["username"]), password: asText(entry["password"]), ...tokens };
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1)
    throw new ClientError(
      "bad-docker-config",
      `${origin}: the login for ${JSON.stringify(registry)} is not base64 of "user:password"`,
    );
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/^\0+|\0+$/g, ""), ...tokens };
}

function parseObject(text: string, origin: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return asObject(value);
  } catch (cause) {
    throw new ClientError("bad-docker-config", `${origin} is not valid JSON: ${messageOf(cause)}`, { cause });
  }
  throw new ClientError("bad-docker-config", `${origin} does not hold a JSON object`);
}

/** Anything but an object counts as an empty one: docker's file is shared with other tools, and ours is a guest's view. */
function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
