/** Work within a solve of the daemon that makes nothing by itself. */
import { type Gateway, openSession, RpcError, solve } from "../../client/index.ts";
import { buildServices, type Offered } from "../build/services.ts";
import { BuildFailed } from "../build-failed.ts";
import { whileConnected } from "../engine-host.ts";
import type { BuildTools } from "./build/solve-image.ts";

/** What `work` gives. Throws what it throws; `BuildFailed` where a step fails, `EngineError` where the daemon goes. */
export async function withGateway<T>(
  { terminal, connected, given, progress }: Omit<BuildTools, "platforms" | "noCache">,
  work: (gateway: Gateway, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const offered: Offered = {
    directories: new Map(given.contexts.directories),
    files: new Set(),
    root: terminal.cwd,
    layouts: new Map(given.contexts.stores),
    secrets: given.secrets,
    sshForwards: given.sshForwards,
    exports: new Map(),
  };
  await using services = await buildServices(terminal, offered, (text) => progress.warning(text));
  await using session = await openSession(connected.client, { services: services.handlers });
  let made: { readonly value: T } | undefined;
  const result = await whileConnected(connected, () =>
    solve(connected.client, {
      work: {
        kind: "function",
        build: async (gateway, signal) => {
          made = { value: await work(gateway, signal) };
          return {};
        },
      },
      session,
      internal: true,
      onProgress: (event) => progress.event(event),
      signal: terminal.signal,
    }),
  );
  if (result.kind === "cancelled") throw terminal.signal.reason;
  if (result.kind === "failed") {
    const { thrown } = result.failure;
    throw thrown === undefined || thrown instanceof RpcError ? new BuildFailed(result.failure) : thrown;
  }
  if (made === undefined) throw new TypeError("the solve ended without its work");
  return made.value;
}
