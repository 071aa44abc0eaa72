/**
 * `--secret` as docker buildx reads it.
 * Source: docker/buildx v0.37.0: util/buildflags/secrets.go; moby/buildkit v0.33.0: secretsprovider/store.go (NewStore).
 */
import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { ClientError, messageOf } from "../client-error.ts";
import { MAX_SECRET_BYTES, type SecretSource } from "../secrets/secret-source.ts";
import { keyValues } from "./key-values.ts";

/** With neither, the id names a variable of the environment or, where there is none, a file. */
export interface SecretOption {
  readonly id: string;
  readonly file: string | undefined;
  readonly variable: string | undefined;
}

export interface SecretContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What relative files are relative to. */
  readonly directory: string;
}

/** Throws `ClientError` "bad-option". */
export function parseSecret(text: string): SecretOption {
  const given = keyValues("--secret", text);
  for (const key of given.keys()) {
    if (!["type", "id", "src", "source", "env"].includes(key)) {
      throw new ClientError("bad-option", `--secret ${text}: there is no key ${JSON.stringify(key)}`, {
        hint: "id, src, env and type are",
      });
    }
  }
  const type = given.get("type");
  if (type !== undefined && type !== "file" && type !== "env") {
    throw new ClientError("bad-option", `--secret ${text}: the type is "file" or "env"`);
  }
  const id = given.get("id") ?? "";
  if (id === "") throw new ClientError("bad-option", `--secret ${text}: id is missing`);
  const source = (given.get("src") ?? given.get("source")) || undefined;
  const variable = given.get("env") || undefined;
  if (type === "env" && variable === undefined) return { id, file: undefined, variable: source };
  return { id, file: source, variable };
}

/**
 * Finds out where each secret comes from; of two with one id the later counts. Throws `ClientError` "missing-secret" for a
 * file that can't be read and for a variable that is not set (the original takes the latter for an empty secret), or
 * "secret-too-large".
 */
export async function resolveSecrets(
  options: readonly SecretOption[],
  context: SecretContext,
): Promise<ReadonlyMap<string, SecretSource>> {
  const resolved = new Map<string, SecretSource>();
  for (const option of options) resolved.set(option.id, await resolveSecret(option, context));
  return resolved;
}

async function resolveSecret(option: SecretOption, context: SecretContext): Promise<SecretSource> {
  const variable =
    option.variable ??
    (option.file === undefined && context.environment[option.id] !== undefined ? option.id : undefined);
  if (variable === undefined) return resolveFile(option.id, option.file ?? option.id, context);
  const value = context.environment[variable];
  if (value !== undefined) return { kind: "value", value: Buffer.from(value) };
  throw new ClientError(
    "missing-secret",
    `the secret ${JSON.stringify(option.id)} is to come from the variable ${variable}, which is not set`,
  );
}

async function resolveFile(id: string, file: string, context: SecretContext): Promise<SecretSource> {
  const path = isAbsolute(file) ? file : join(context.directory, file);
  const found = await stat(path).catch((cause: unknown) => {
    const reason = messageOf(cause);
    throw new ClientError("missing-secret", `the secret ${JSON.stringify(id)} can't be read: ${reason}`, { cause });
  });
  if (found.size > MAX_SECRET_BYTES) {
    throw new ClientError(
      "secret-too-large",
      `the secret ${JSON.stringify(id)} has ${found.size} bytes; at most ${MAX_SECRET_BYTES} are allowed`,
    );
  }
  return { kind: "file", path };
}
