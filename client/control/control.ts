/**
 * What a buildkitd can be asked besides building: `moby.buildkit.v1.Control` of moby/buildkit v0.33.0. Each function is one call, and
 * throws `RpcError` when it fails. Records are the contract's own; see `proto/control.proto`.
 */

import { control, type Init, type worker } from "../../proto/index.ts";
import type { RpcClient } from "../rpc/client.ts";
import type { CallOptions } from "../rpc/method.ts";

const { Control } = control;

/** Who answers. Fields may be empty: Docker's own BuildKit doesn't fill all of them. */
export async function info(client: RpcClient, options?: CallOptions): Promise<worker.BuildkitVersion | undefined> {
  return (await client.call(Control.info, {}, options)).buildkitVersion;
}

/** Workers that match `filter`, in containerd's filter language; the first is the default one. */
export async function listWorkers(
  client: RpcClient,
  filter: readonly string[] = [],
  options?: CallOptions,
): Promise<readonly worker.WorkerRecord[]> {
  return (await client.call(Control.listWorkers, { filter }, options)).record;
}

/** Cache records that match `filter`, such as `type==exec.cachemount`. */
export async function diskUsage(
  client: RpcClient,
  filter: readonly string[] = [],
  options?: CallOptions,
): Promise<readonly control.UsageRecord[]> {
  return (await client.call(Control.diskUsage, { filter }, options)).record;
}

/** Frees cache; gives each record as it is removed. `all` takes cache mounts, too, unless `filter` spares them. */
export function prune(
  client: RpcClient,
  request: Init<control.PruneRequest> = {},
  options?: CallOptions,
): AsyncIterable<control.UsageRecord> {
  return client.serverStream(Control.prune, request, options);
}

/** Past and running builds; ends after what is known now if `EarlyExit`, else goes on with what happens. */
export function listenBuildHistory(
  client: RpcClient,
  request: Init<control.BuildHistoryRequest> = {},
  options?: CallOptions,
): AsyncIterable<control.BuildHistoryEvent> {
  return client.serverStream(Control.listenBuildHistory, request, options);
}

/** Pins, deletes or finalizes a record of the build history. */
export async function updateBuildHistory(
  client: RpcClient,
  request: Init<control.UpdateBuildHistoryRequest>,
  options?: CallOptions,
): Promise<void> {
  await client.call(Control.updateBuildHistory, request, options);
}
