/**
 * Where a secret of a build comes from, and reading it.
 * Source: moby/buildkit v0.33.0: session/secrets/secretsprovider/{store,secretsprovider}.go.
 */
import { readFile } from "node:fs/promises";
import { ClientError, messageOf } from "../client-error.ts";

/** Environment variables are resolved by whoever knows the environment: they arrive here as values. */
export type SecretSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "value"; readonly value: Uint8Array };

/** BuildKit's own limit: 500 KiB. */
export const MAX_SECRET_BYTES = 500 * 1024;

/** Throws `ClientError` "missing-secret" or "secret-too-large". Secrets never appear in messages, only their ids. */
export async function readSecret(id: string, source: SecretSource): Promise<Uint8Array> {
  const value = source.kind === "value" ? source.value : await readSecretFile(id, source.path);
  if (value.length > MAX_SECRET_BYTES) {
    throw new ClientError(
      "secret-too-large",
      `the secret ${JSON.stringify(id)} has ${value.length} bytes; at most ${MAX_SECRET_BYTES} are allowed`,
    );
  }
  return value;
}

async function readSecretFile(id: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ClientError("missing-secret", `the secret ${JSON.stringify(id)} can't be read: ${reason}`, { cause });
  }
}
