/**
 * Asks registries: one call is one request with whatever login it takes, tried again where that may help.
 * Contract: opencontainers/distribution-spec v1.1. Source of the login's steps: containerd v2.3.4: core/remotes/docker/authorizer.go.
 */
import { setMaxListeners } from "node:events";
import { fetchToken, type Token } from "../auth/fetch-token.ts";
import { ClientError } from "../client-error.ts";
import type { RegistryLogin } from "../docker-config/docker-config.ts";
import { ConnectionBroken, type HttpAnswer, type HttpRequest, httpRequest } from "../http-request.ts";
import { retried } from "../retry.ts";
import { parseChallenge } from "./challenge.ts";
import { answeredBadly, brokeOff, RegistryError } from "./registry-error.ts";

export interface RegistryClientOptions {
  /** The login for a registry by its host, as docker's configuration has it. */
  readonly loginOf: (host: string) => Promise<RegistryLogin>;
  readonly signal: AbortSignal;
  /** Told before each wait for another try. */
  readonly onRetry?: (error: unknown, waitMs: number) => void;
  /** Milliseconds before each further try. Default: some 30 seconds in all. */
  readonly waitsMs?: readonly number[];
  /** Milliseconds since 1970; for the expiry of tokens. Default: the clock. */
  readonly now?: () => number;
}

export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT";
  /** A repository in full, `docker.io/acme/app`. */
  readonly repository: string;
  /** Another repository of the same registry, in full, that is read from: the login has to be good for that, too. */
  readonly from?: string;
  /** Below `/v2/NAME/`, such as `manifests/latest`; or the whole URL that the registry has named. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => NonNullable<HttpRequest["body"]>;
  /** For a body that can't be made twice: a failure is the caller's. */
  readonly once?: boolean;
  /** Statuses that are answers, not failures; besides all of 2xx. */
  readonly expected?: readonly number[];
  /** What is done, for people: `HEAD docker.io/acme/app:1`. */
  readonly what: string;
}

export interface RegistryClient {
  /** Throws {@link RegistryError}, `ClientError` where there is no login. `use` reads the answer, and is part of each try. */
  request<T>(request: RegistryRequest, use: (response: HttpAnswer) => Promise<T>): Promise<T>;
}

const DEFAULT_WAITS_MS = [1000, 2000, 4000, 8000, 16_000];
/** Tokens are renewed a little before they end. */
const TOKEN_MARGIN_MS = 10_000;

/** Keeps tokens for as long as they last; holds no connections that have to be closed. */
export function registryClient(options: RegistryClientOptions): RegistryClient {
  const { signal, onRetry = () => {}, waitsMs = DEFAULT_WAITS_MS } = options;
  // As many requests at once as somebody sends: none of them is a leak.
  setMaxListeners(0, signal);
  const credentials = credentialsOf(options);
  const once = async <T>(request: RegistryRequest, use: (response: HttpAnswer) => Promise<T>): Promise<T> => {
    const { what } = request;
    const send = async (authorization: string | undefined): Promise<HttpAnswer> => {
      const body = request.body?.();
      const headers = { ...request.headers, ...(authorization === undefined ? {} : { authorization }) };
      const url = urlOf(request);
      try {
        return await httpRequest(url, { method: request.method, headers, body, signal });
      } catch (cause) {
        signal.throwIfAborted();
        throw brokeOff(what, cause);
      }
    };
    let response = await send(credentials.known(request));
    if (response.status === 401) {
      const challenge = response.headers.get("www-authenticate") ?? "";
      response.discard();
      response = await send(await credentials.answer(request, challenge));
    }
    if (!response.ok && !request.expected?.includes(response.status)) throw await answeredBadly(what, response);
    try {
      return await use(response);
    } catch (cause) {
      signal.throwIfAborted();
      throw cause instanceof ConnectionBroken ? brokeOff(what, cause) : cause;
    } finally {
      response.discard();
    }
  };
  return {
    request: (request, use) =>
      retried(() => once(request, use), {
        waitsMs: request.once ? [] : waitsMs,
        isTransient: (error) => error instanceof RegistryError && error.isTransient,
        askedWaitMs: (error) => (error instanceof RegistryError ? error.retryAfterMs : 0),
        onRetry,
        signal,
      }),
  };
}

function urlOf({ repository, path }: RegistryRequest): URL {
  if (path instanceof URL) return path;
  const { host, name } = splitRepository(repository);
  const endpoint = host === "docker.io" ? "registry-1.docker.io" : host;
  return new URL(`${isLoopback(host) ? "http" : "https"}://${endpoint}/v2/${name}/${path}`);
}

/** `docker.io/acme/app` is `acme/app` at `docker.io`. */
export function splitRepository(repository: string): { readonly host: string; readonly name: string } {
  const slash = repository.indexOf("/");
  return { host: repository.slice(0, slash), name: repository.slice(slash + 1) };
}

/** Registries of this machine are spoken to without TLS, as docker and BuildKit do. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host);
}

interface Credentials {
  /** The header that has worked before. */
  known(request: RegistryRequest): string | undefined;
  /** The header that the registry asks for. */
  answer(request: RegistryRequest, challenge: string): Promise<string | undefined>;
}

function credentialsOf({ loginOf, signal, now = Date.now }: RegistryClientOptions): Credentials {
  const headers = new Map<string, { readonly header: string; readonly untilMs: number }>();
  return {
    known: (request) => {
      const found = headers.get(keyOf(request));
      return found !== undefined && found.untilMs > now() ? found.header : undefined;
    },
    answer: async (request, text) => {
      const { host } = splitRepository(request.repository);
      const login = await loginOf(host);
      const challenge = parseChallenge(text);
      if (challenge.scheme === "basic") {
        if (login.password === "") return undefined;
        const header = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
        headers.set(keyOf(request), { header, untilMs: Number.POSITIVE_INFINITY });
        return header;
      }
      if (challenge.scheme !== "bearer") return undefined;
      if (login.registryToken !== "") return `Bearer ${login.registryToken}`;
      const { realm, service } = challenge;
      const token = await tokenFor({ realm, service, scopes: scopesOf(request) }, login, signal);
      const header = `Bearer ${token.token}`;
      headers.set(keyOf(request), { header, untilMs: now() + token.expiresInSeconds * 1000 - TOKEN_MARGIN_MS });
      return header;
    },
  };
}

/** A token service that is out of order for a moment is as a registry that is. */
async function tokenFor(...args: Parameters<typeof fetchToken>): Promise<Token> {
  try {
    return await fetchToken(...args);
  } catch (error) {
    const passing =
      error instanceof ClientError && / (?:429|5\d\d) |ECONNRE|ETIMEDOUT|other side closed/.test(error.message);
    if (!passing) throw error;
    throw new RegistryError(error.message, { isTransient: true, cause: error });
  }
}

function scopesOf({ method, repository, from }: RegistryRequest): readonly string[] {
  const actions = method === "GET" || method === "HEAD" ? "pull" : "pull,push";
  const own = `repository:${splitRepository(repository).name}:${actions}`;
  return from === undefined ? [own] : [own, `repository:${splitRepository(from).name}:pull`];
}

function keyOf(request: RegistryRequest): string {
  return `${splitRepository(request.repository).host} ${scopesOf(request).join(" ")}`;
}
