/**
 * Fetches a registry's bearer token: the OAuth way with a login, where the registry knows it, else the older GET.
 * Contract: https://distribution.github.io/distribution/spec/auth/{oauth,token}/
 * Source: containerd v2.3.4: core/remotes/docker/auth/fetch.go; moby/buildkit v0.33.0: authprovider.go (FetchToken).
 */
import { ClientError } from "../client-error.ts";
import type { RegistryLogin } from "../docker-config/docker-config.ts";
import { ConnectionBroken, type HttpAnswer, type HttpRequest, httpRequest } from "../http-request.ts";

export interface TokenRequest {
  /** The URL that the registry named. */
  readonly realm: string;
  readonly service: string;
  readonly scopes: readonly string[];
}

export interface Token {
  readonly token: string;
  readonly expiresInSeconds: number;
  /** Undefined where the registry didn't say. */
  readonly issuedAtSeconds: number | undefined;
}

/** What registries promise at least; Docker's own default. */
const DEFAULT_EXPIRY_SECONDS = 60;
const CLIENT_ID = "buildkit-client";

/** Throws `ClientError` "token-refused", with the registry's own words. */
export async function fetchToken(request: TokenRequest, login: RegistryLogin, signal: AbortSignal): Promise<Token> {
  const secret = login.identityToken || login.password;
  const username = login.identityToken === "" ? login.username : "";
  if (secret === "") return readToken(await get(request, undefined, signal), request);
  const response = await post(request, username, secret, signal);
  // Registries without the POST way answer 404 (Google) or 401 (Artifactory), or 405.
  const unsupported =
    response.status === 404 || response.status === 401 || (response.status === 405 && username !== "");
  if (!unsupported) return readToken(response, request);
  return readToken(await get(request, { username, secret }, signal), request);
}

function post(request: TokenRequest, username: string, secret: string, signal: AbortSignal): Promise<HttpAnswer> {
  const form = new URLSearchParams({ service: request.service, client_id: CLIENT_ID });
  if (request.scopes.length > 0) form.set("scope", request.scopes.join(" "));
  if (username === "") {
    form.set("grant_type", "refresh_token");
    form.set("refresh_token", secret);
  } else {
    form.set("grant_type", "password");
    form.set("username", username);
    form.set("password", secret);
  }
  const headers = { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };
  return call(request, request.realm, { method: "POST", headers, body: Buffer.from(form.toString()), signal });
}

function get(
  request: TokenRequest,
  login: { readonly username: string; readonly secret: string } | undefined,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const url = new URL(request.realm);
  if (request.service !== "") url.searchParams.append("service", request.service);
  for (const scope of request.scopes) url.searchParams.append("scope", scope);
  if (login === undefined) return call(request, url, { method: "GET", headers: {}, signal });
  const basic = Buffer.from(`${login.username}:${login.secret}`).toString("base64");
  return call(request, url, { method: "GET", headers: { authorization: `Basic ${basic}` }, signal });
}

async function call({ realm }: TokenRequest, url: string | URL, request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await httpRequest(new URL(url), request);
  } catch (cause) {
    const reason = cause instanceof ConnectionBroken ? cause.message : String(cause);
    throw new ClientError("token-refused", `no token from ${realm}: ${reason}`, { cause });
  }
}

async function readToken(response: HttpAnswer, request: TokenRequest): Promise<Token> {
  const text = await response.text();
  if (!response.ok) {
    const detail = text.trim().slice(0, 300);
    throw new ClientError(
      "token-refused",
      `no token from ${request.realm}: ${response.status} ${response.statusText}${detail === "" ? "" : `: ${detail}`}`,
      { hint: response.status === 401 || response.status === 403 ? "log in again with docker login" : undefined },
    );
  }
  const answer = parseAnswer(text);
  const token = textOf(answer["access_token"]) || textOf(answer["token"]);
  if (token === "") throw new ClientError("token-refused", `the answer of ${request.realm} holds no token`);
  const expires = answer["expires_in"];
  const issuedAt = Date.parse(textOf(answer["issued_at"]));
  return {
    token,
    expiresInSeconds: typeof expires === "number" && expires > 0 ? expires : DEFAULT_EXPIRY_SECONDS,
    issuedAtSeconds: Number.isNaN(issuedAt) ? undefined : Math.floor(issuedAt / 1000),
  };
}

function parseAnswer(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    return {}; // "holds no token" says it
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
