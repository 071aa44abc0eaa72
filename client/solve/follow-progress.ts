/** The progress of a solve, from its `Status` stream, for as long as there is some. */

import { control } from "../../proto/index.ts";
import { type ProgressEvent, progressEvents } from "../control/progress.ts";
import type { RpcClient } from "../rpc/client.ts";
import { RpcError } from "../rpc/rpc-error.ts";

/** The progress of a solve, being told. */
export interface Progress {
  /** Lets what is left to tell come in, and ends it. */
  end(): Promise<void>;
}

/** How long the last messages of progress may take after the solve is over. Source: client/solve.go (statusInactivityTimeout). */
const PARTING_MS = 5000;

/** A solve that was refused has no progress, yet the daemon waits for some to be able to tell it. */
const REFUSED_PARTING_MS = 500;

/** Tells the events of the solve `ref` to `onProgress`, in order. What that throws, `end` throws. */
export function followProgress(
  client: RpcClient,
  ref: string,
  onProgress: ((event: ProgressEvent) => void) | undefined,
): Progress {
  const ending = new AbortController();
  let begun = false;
  const follow = async () => {
    const responses = client.serverStream(control.Control.status, { Ref: ref }, { signal: ending.signal });
    for await (const response of responses) {
      begun = true;
      for (const event of progressEvents(response)) onProgress?.(event);
    }
  };
  const following = follow().catch((error: unknown) => {
    // Progress is company for the solve; what ended both is the solve's to tell.
    if (!(error instanceof RpcError)) throw error;
  });
  // If it fails before the end, it is `end` that has to tell.
  following.catch(() => {});
  return {
    async end() {
      const timer = setTimeout(() => ending.abort(), begun ? PARTING_MS : REFUSED_PARTING_MS);
      await following.finally(() => clearTimeout(timer));
    },
  };
}
