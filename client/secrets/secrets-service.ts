/**
 * The session service that hands secrets to the daemon: `moby.buildkit.secrets.v1.Secrets`.
 * Source: moby/buildkit v0.33.0: session/secrets/secretsprovider/secretsprovider.go.
 */
import { secrets } from "../../proto/index.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { type RpcHandler, unary } from "../rpc/server.ts";
import { readSecret, type SecretSource } from "./secret-source.ts";

/**
 * Secrets by id, read when they are asked for. An unknown id is answered `NOT_FOUND`: BuildKit then leaves an optional
 * secret out, and fails the step with its own message ("secret ID: not found") for a required one.
 */
export function secretsService(sources: ReadonlyMap<string, SecretSource>): readonly RpcHandler[] {
  return [
    unary(secrets.Secrets.getSecret, async (request) => {
      const source = sources.get(request.ID);
      if (source === undefined) throw new RpcError("NOT_FOUND", "not found");
      const data = await readSecret(request.ID, source).catch((error: unknown) => {
        throw RpcError.from(error);
      });
      return { data };
    }),
  ];
}
