/** Requests to a registry: so many at once, with its token, again where the registry has a bad moment. */
import { setTimeout as pause } from "node:timers/promises";
import { ClientError } from "../client-error.ts";
import type { RepositoryAddress } from "./registry.ts";
import type { RegistryAuth } from "./registry-auth.ts";

export interface RegistryCall {
  readonly at: RepositoryAddress;
  /** Below the repository. */
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Instead of `path`: as the registry said. */
  readonly url?: URL;
  readonly method?: "GET" | "HEAD" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** What the request is about, for messages. */
  readonly what: string;
  /** Whether 404 is an answer. */
  readonly absent?: boolean;
  readonly pushes?: boolean;
  /** Another repository that is read, too. */
  readonly mountFrom?: string;
}

/** Undefined where the answer is 404, and that is one. */
export type SendToRegistry = (call: RegistryCall) => Promise<Response | undefined>;

interface TransportOptions {
  readonly signal: AbortSignal;
  readonly parallel?: number | undefined;
}

const WAITS_MS = [300, 1000, 3000];

export function registryTransport({ signal, parallel = 16 }: TransportOptions, auth: RegistryAuth): SendToRegistry {
  const limited = limiter(parallel);
  const sendOnce = async (call: RegistryCall): Promise<Response> => {
    const url = call.url ?? addressOf(call);
    for (let attempt = 0; ; attempt++) {
      const authorization = await auth.header(call);
      const headers = { ...call.headers, ...(authorization === undefined ? {} : { authorization }) };
      const response = await reach(call, url, { method: call.method ?? "GET", headers, signal, ...bodyOf(call) });
      if (response.status !== 401 || attempt > 0) return response;
      await response.arrayBuffer();
      if (!(await auth.challenged(call, response.headers.get("www-authenticate") ?? ""))) return response;
    }
  };
  return (call) =>
    limited(async () => {
      for (let tries = 0; ; tries++) {
        const last = tries >= WAITS_MS.length;
        let response: Response;
        try {
          response = await sendOnce(call);
        } catch (error) {
          signal.throwIfAborted();
          // Who refuses connections will do so in a moment, too; a connection that broke is another matter.
          if (last || !isPassing(error)) throw error;
          await pause(WAITS_MS[tries], undefined, { signal });
          continue;
        }
        if (response.ok) return response;
        if (response.status === 404 && call.absent) return undefined;
        if (last || !(response.status === 429 || response.status >= 500)) throw await refusal(call, response);
        await response.arrayBuffer();
        const asked = Number(response.headers.get("retry-after"));
        await pause(asked > 0 ? Math.min(asked, 60) * 1000 : WAITS_MS[tries], undefined, { signal });
      }
    });
}

function addressOf({ at, path = "", query = {} }: RegistryCall): URL {
  const host = at.host === "docker.io" ? "registry-1.docker.io" : at.host;
  const url = new URL(`${isLocal(host) ? "http" : "https"}://${host}/v2/${at.path}/${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** As BuildKit and containerd have it: plain HTTP for this machine's own registries only. */
function isLocal(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host);
}

function bodyOf({ body, method }: RegistryCall): RequestInit {
  if (body !== undefined) return { body: new Uint8Array(body) };
  return method === "POST" ? { body: new Uint8Array() } : {};
}

async function reach(call: RegistryCall, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    // fetch hides the reason (a refused connection, an unknown certificate) one level down.
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new ClientError("registry-failed", `the registry ${call.at.host} can't be reached: ${reason}`, { cause });
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ClientError && /reset|hang up|other side closed|EPIPE|timeout|socket/i.test(error.message);
}

async function refusal(call: RegistryCall, response: Response): Promise<ClientError> {
  const text = await response.text();
  const said = registryWords(text) || response.statusText;
  if (response.status === 404) return new ClientError("registry-failed", `${call.what}: not found`);
  const does = call.pushes ? "refuses" : "doesn't give";
  const hint =
    response.status === 401 || response.status === 403 ? `log in with docker login ${call.at.host}` : undefined;
  const message = `the registry ${call.at.host} ${does} ${call.what}: ${response.status} ${said}`.trim();
  return new ClientError("registry-refused", message, { hint });
}

/** `{"errors":[{"code":"DENIED","message":"…"}]}`, or what else it says. */
function registryWords(text: string): string {
  try {
    const { errors } = JSON.parse(text) as {
      readonly errors?: readonly { code?: string; message?: string; detail?: unknown }[];
    };
    if (errors !== undefined && errors.length > 0)
      return errors
        .map(({ code, message, detail }) =>
          [message ?? code, detail === undefined || detail === null ? "" : JSON.stringify(detail)].join(" ").trim(),
        )
        .join("; ");
  } catch {
    // No JSON: the words themselves will do.
  }
  return text.trim().slice(0, 300);
}

function limiter(parallel: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= parallel) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
