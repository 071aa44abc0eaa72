/**
 * The session service by which the daemon logs in to registries with the user's logins: `moby.filesync.v1.Auth`.
 * The daemon asks for a token authority first, and then has tokens fetched here, so that passwords stay on this side;
 * only where that is not offered, or the registry wants Basic auth, does it ask for the credentials themselves.
 * Source: moby/buildkit v0.33.0: session/auth/authprovider/authprovider.go.
 */
import { auth } from "../../proto/index.ts";
import { ClientError } from "../client-error.ts";
import type { CredentialHelper } from "../docker-config/credential-helper.ts";
import type { DockerConfig, RegistryLogin } from "../docker-config/docker-config.ts";
import { loginInFile, registryLogin } from "../docker-config/registry-login.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { type RpcHandler, unary } from "../rpc/server.ts";
import { fetchToken } from "./fetch-token.ts";
import { authorityKey, publicBytes, signPayload } from "./token-authority.ts";
import { tokenSeeds } from "./token-seed.ts";

export interface AuthOptions {
  readonly config: DockerConfig;
  readonly helper: CredentialHelper;
  /**
   * Whether tokens are fetched by this process. Turn it off where BUILDKIT_NO_CLIENT_TOKEN says so, or where the outside
   * is reached through a proxy, which Node's fetch ignores: the daemon then fetches them with the credentials.
   */
  readonly clientTokens: boolean;
  /** A login that could not be had; the build goes on without it. */
  readonly onWarning?: ((error: ClientError) => void) | undefined;
  /** Milliseconds since 1970; for the expiry of logins. */
  readonly now: () => number;
}

/** Logins of some clouds last five minutes: they are asked for anew a little earlier. */
const LOGIN_LIFE_MS = (4 * 60 + 50) * 1000;

/** The handlers of a session that answer for the logins of `options.config` and its helpers, each asked once while it lasts. */
export function authService(options: AuthOptions): readonly RpcHandler[] {
  const loginOf = cachedLogins(options);
  const seedOf = tokenSeeds(options.config.directory);
  const keyOf = async (host: string, salt: Uint8Array) => {
    if (!options.clientTokens) throw new RpcError("UNAVAILABLE", "client side tokens disabled");
    const { secret } = toCredentials(await loginOf(host));
    return authorityKey(salt, secret === "" ? undefined : await seedOf(host));
  };
  return [
    unary(auth.Auth.credentials, async (request) => {
      const { username, secret } = toCredentials(await loginOf(request.Host));
      return { Username: username, Secret: secret };
    }),
    unary(auth.Auth.fetchToken, async (request, { signal }) => {
      const login = await loginOf(request.Host);
      if (login.registryToken !== "") return { Token: login.registryToken, ExpiresIn: 60 };
      const wanted = { realm: request.Realm, service: request.Service, scopes: request.Scopes };
      const token = await fetchToken(wanted, login, signal).catch((error: unknown) => {
        throw RpcError.from(error);
      });
      return { Token: token.token, ExpiresIn: token.expiresInSeconds, IssuedAt: token.issuedAtSeconds };
    }),
    unary(auth.Auth.getTokenAuthority, async (request) => ({
      PublicKey: publicBytes(await keyOf(request.Host, request.Salt)),
    })),
    unary(auth.Auth.verifyTokenAuthority, async (request) => ({
      Signed: signPayload(await keyOf(request.Host, request.Salt), request.Payload),
    })),
  ];
}

/** One helper at a time, as the original has it: keychains have been seen to hang otherwise. */
function cachedLogins(options: AuthOptions): (host: string) => Promise<RegistryLogin> {
  const logins = new Map<string, { readonly since: number; readonly login: Promise<RegistryLogin> }>();
  let last: Promise<unknown> = Promise.resolve();
  return (host) => {
    const known = logins.get(host);
    if (known !== undefined && options.now() - known.since < LOGIN_LIFE_MS) return known.login;
    const login = last.then(() => loadLogin(options, host));
    last = login.catch(() => undefined);
    logins.set(host, { since: options.now(), login });
    return login;
  };
}

/** A helper that fails costs the login, not the build: what is public can still be pulled. (The original fails the build.) */
async function loadLogin(options: AuthOptions, host: string): Promise<RegistryLogin> {
  try {
    return await registryLogin(options.config, host, options.helper);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    options.onWarning?.(error);
    return loginInFile(options.config.logins, host);
  }
}

function toCredentials(login: RegistryLogin): { readonly username: string; readonly secret: string } {
  if (login.identityToken !== "") return { username: "", secret: login.identityToken };
  return { username: login.username, secret: login.password };
}
