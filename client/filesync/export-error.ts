/** What went wrong while an export was written, as an error that says where and what became of the output. */
import { ClientError, errnoOf, messageOf } from "../client-error.ts";
import { RpcError } from "../rpc/rpc-error.ts";

/** A full disk gets its own code; what already is a `ClientError` or `RpcError` stays as it is. */
export function exportError(destination: string, cause: unknown): Error {
  if (cause instanceof ClientError || cause instanceof RpcError) return cause;
  const place = JSON.stringify(destination);
  const errno = errnoOf(cause);
  if (errno === "ENOSPC" || errno === "EDQUOT") {
    return new ClientError("disk-full", `no space left for the export to ${place}; what was written has been removed`, {
      hint: "free space there, or export to another disk",
      cause,
    });
  }
  const reason = messageOf(cause);
  return new ClientError("export-failed", `can't write the export to ${place}: ${reason}`, { cause });
}

/** The same for the daemon, which repeats it as the reason why the build failed. */
export function toRpcError(error: unknown): RpcError {
  if (error instanceof ClientError && error.code === "disk-full") {
    return new RpcError("RESOURCE_EXHAUSTED", error.message, { cause: error });
  }
  return RpcError.from(error);
}
