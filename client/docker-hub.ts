/**
 * What Docker Hub shows of a repository: its description and its full text. This API is Docker's own, and no registry's.
 * Contract: https://docs.docker.com/reference/api/hub/latest/ (POST /v2/auth/token, GET and PATCH /v2/namespaces/…/repositories/…).
 */
import type { RegistryLogin } from "./docker-config/docker-config.ts";
import { answeredBadly, brokeOff, RegistryError } from "./registry/registry-error.ts";
import { retried } from "./retry.ts";
import { textMember } from "./text-member.ts";

export interface HubTexts {
  /** One line, at most {@link HUB_DESCRIPTION_CHARACTERS}. */
  readonly description: string;
  /** Markdown, at most {@link HUB_TEXT_BYTES}. */
  readonly fullDescription: string;
}

/** Docker Hub refuses longer ones. */
export const HUB_DESCRIPTION_CHARACTERS = 100;
export const HUB_TEXT_BYTES = 25_000;

export interface DockerHubOptions {
  /** Default: `https://hub.docker.com`. */
  readonly address?: string | undefined;
  /** Undefined: what is public can be read, nothing be written. */
  readonly login: RegistryLogin | undefined;
  readonly signal: AbortSignal;
  readonly waitsMs?: readonly number[];
  readonly onRetry?: (error: unknown, waitMs: number) => void;
}

/** `repository` is `acme/app`. All throw {@link RegistryError}. */
export interface DockerHub {
  /** Undefined where there is no such repository, or none that this login may see. */
  texts(repository: string): Promise<HubTexts | undefined>;
  setTexts(repository: string, texts: HubTexts): Promise<void>;
}

/** Logs in when it is first needed; what breaks off is tried again after each of `waitsMs`. */
export function dockerHub(options: DockerHubOptions): DockerHub {
  const {
    address = "https://hub.docker.com",
    signal,
    waitsMs = [1000, 2000, 4000, 8000],
    onRetry = () => {},
  } = options;
  let token: Promise<string> | undefined;
  const call = (what: string, path: string, init: RequestInit): Promise<Response> =>
    retried(
      async () => {
        const headers = { ...init.headers, "content-type": "application/json" };
        const response = await fetch(`${address}${path}`, { ...init, headers, signal }).catch((cause: unknown) => {
          signal.throwIfAborted();
          throw brokeOff(what, cause);
        });
        if (response.ok || response.status === 404) return response;
        throw await answeredBadly(what, response);
      },
      {
        waitsMs,
        isTransient: (error) => error instanceof RegistryError && error.isTransient,
        askedWaitMs: (error) => (error instanceof RegistryError ? error.retryAfterMs : 0),
        onRetry,
        signal,
      },
    );
  const logIn = async ({ username, password }: RegistryLogin): Promise<string> => {
    const body = JSON.stringify({ identifier: username, secret: password });
    const response = await call("logging in to Docker Hub", "/v2/auth/token", { method: "POST", body });
    return textMember(await response.json(), "access_token");
  };
  const authorization = async (): Promise<Readonly<Record<string, string>>> => {
    const { login } = options;
    if (login === undefined || login.password === "") return {};
    token ??= logIn(login);
    return { authorization: `Bearer ${await token}` };
  };
  const pathOf = (repository: string): string => {
    const [namespace = "", name = ""] = repository.split("/").map(encodeURIComponent);
    return `/v2/namespaces/${namespace}/repositories/${name}`;
  };
  return {
    texts: async (repository) => {
      const init = { headers: await authorization() };
      const response = await call(`reading what Docker Hub says of ${repository}`, pathOf(repository), init);
      if (response.status === 404) return undefined;
      const answer: unknown = await response.json();
      return {
        description: textMember(answer, "description"),
        fullDescription: textMember(answer, "full_description"),
      };
    },
    setTexts: async (repository, { description, fullDescription }) => {
      const what = `describing ${repository} on Docker Hub`;
      const body = JSON.stringify({ description, full_description: fullDescription });
      const response = await call(what, pathOf(repository), { method: "PATCH", headers: await authorization(), body });
      if (response.status === 404) throw await answeredBadly(what, response);
    },
  };
}
