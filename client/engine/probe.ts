/** Asks what answers at an address whether it is a buildkitd: Control.Info, over a connection of its own, with a deadline. */
import { info } from "../control/control.ts";
import { RpcClient } from "../rpc/client.ts";
import { ConnectError, connectAddress, type TlsFiles } from "../transport/index.ts";

export type ProbeResult =
  | {
      readonly kind: "answers";
      /** BuildKit's version; empty where it doesn't say (that of old Docker engines). */
      readonly version: string;
    }
  | { readonly kind: "silent"; readonly reason: string; readonly hint?: string | undefined };

export interface ProbeOptions {
  readonly tls?: TlsFiles | undefined;
  /** For the programs that some kinds of addresses are reached by. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Probe = (address: string, options: ProbeOptions) => Promise<ProbeResult>;

/** Never rejects, except with the reason of an aborted signal. */
export const probe: Probe = async (address, { tls, env, timeoutMs, signal }) => {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  try {
    const connect = connectAddress(address, { tls, env, timeoutMs });
    await using client = new RpcClient({ connect });
    const buildkit = await info(client, { signal: either });
    return { kind: "answers", version: buildkit?.version ?? "" };
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.aborted) return { kind: "silent", reason: `no answer within ${timeoutMs / 1000} s` };
    return { kind: "silent", ...reasonOf(error) };
  }
};

/** Why no connection came about says more than that the call on it failed. */
function reasonOf(error: unknown): { readonly reason: string; readonly hint: string | undefined } {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ConnectError) return { reason: at.message, hint: at.hint };
  }
  return { reason: error instanceof Error ? error.message : String(error), hint: undefined };
}
