/**
 * Logging in to registries from this process, with the logins of docker's configuration.
 * Contract: https://distribution.github.io/distribution/spec/auth/token/, RFC 9110 (`WWW-Authenticate`).
 */
import { fetchToken } from "../auth/fetch-token.ts";
import type { CredentialHelper } from "../docker-config/credential-helper.ts";
import { ANONYMOUS, type DockerConfig, type RegistryLogin } from "../docker-config/docker-config.ts";
import { registryLogin } from "../docker-config/registry-login.ts";
import type { RegistryCall } from "./registry-transport.ts";

export interface RegistryAuthOptions {
  /** Read when a registry first wants a login. */
  readonly config: () => Promise<DockerConfig>;
  readonly helper: CredentialHelper;
  readonly signal: AbortSignal;
}

export interface RegistryAuth {
  /** What to send with a request, as far as is known. */
  readonly header: (call: RegistryCall) => Promise<string | undefined>;
  /** Told that a request was refused without a login; false where there is nothing to answer. */
  readonly challenged: (call: RegistryCall, challenge: string) => Promise<boolean>;
}

export function registryAuth({ config, helper, signal }: RegistryAuthOptions): RegistryAuth {
  const headers = new Map<string, Promise<string | undefined>>();
  const loginOf = async (host: string): Promise<RegistryLogin> => registryLogin(await config(), host, helper);
  const answer = async (call: RegistryCall, challenge: string): Promise<string | undefined> => {
    const login = await loginOf(call.at.host);
    if (/^basic\b/i.test(challenge)) {
      if (login.password === "") return undefined;
      return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    }
    if (!/^bearer\b/i.test(challenge)) return undefined;
    if (login.registryToken !== "") return `Bearer ${login.registryToken}`;
    const { realm, service = "", scope } = parametersOf(challenge);
    if (realm === undefined) return undefined;
    const request = { realm, service, scopes: scopesOf(call, scope) };
    const { token } = await fetchToken(request, login ?? ANONYMOUS, signal);
    return `Bearer ${token}`;
  };
  return {
    header: (call) => headers.get(keyOf(call)) ?? Promise.resolve(undefined),
    challenged: async (call, challenge) => {
      const answered = answer(call, challenge);
      headers.set(keyOf(call), answered);
      return (await answered) !== undefined;
    },
  };
}

/** Tokens are for a repository, and for reading or for all. */
function keyOf({ at, pushes, mountFrom }: RegistryCall): string {
  return `${at.host}/${at.path} ${pushes ? "push" : "pull"} ${mountFrom ?? ""}`;
}

function scopesOf({ at, pushes, mountFrom }: RegistryCall, asked: string | undefined): readonly string[] {
  const own = `repository:${at.path}:pull${pushes ? ",push" : ""}`;
  const others = mountFrom === undefined ? [] : [`repository:${mountFrom}:pull`];
  return [...new Set([...(asked === undefined ? [own] : [asked]), ...(pushes ? [own] : []), ...others])];
}

function parametersOf(challenge: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...challenge.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)].map(([, name = "", quoted, bare]) => [
      name.toLowerCase(),
      quoted ?? bare ?? "",
    ]),
  );
}
