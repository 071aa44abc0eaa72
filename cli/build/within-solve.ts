/** Work that needs the daemon's gateway and makes nothing of its own: a solve that exports nothing, for a value. */
import { type Gateway, openSession, RpcError, solve } from "../../client/index.ts";
import { BuildFailed } from "../build-failed.ts";
import { type ConnectedEngine, whileConnected } from "../engine-host.ts";
import type { Progress } from "../progress/index.ts";
import type { Terminal } from "../terminal.ts";
import { buildServices, type Offered } from "./services.ts";

export interface SolveTools {
  readonly terminal: Terminal;
  readonly connected: ConnectedEngine;
  readonly progress: Progress;
}

/** What `work` gives. Throws what it throws; `BuildFailed` where a step fails, `EngineError` where the daemon goes. */
export async function withinSolve<T>(
  { terminal, connected, progress }: SolveTools,
  offered: Offered,
  work: (gateway: Gateway, signal: AbortSignal) => Promise<T>,
): Promise<T> {
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
