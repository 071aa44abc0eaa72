/**
 * Credential helpers: programs named docker-credential-<name> that keep logins in a system's own store.
 * Source: docker/docker-credential-helpers v0.9.8: client/client.go, credentials/error.go.
 */
import { ClientError } from "../client-error.ts";
import { textMember } from "../text-member.ts";
import { ANONYMOUS, type RegistryLogin } from "./docker-config.ts";

/** The user name under which helpers keep identity tokens. */
const TOKEN_USER = "<token>";
const NOT_FOUND = "credentials not found in native keychain";
const TIMEOUT_MS = 60_000;

/** Asks a helper for the login of one registry. Throws `ClientError` "credential-helper-failed". */
export type CredentialHelper = (name: string, registry: string) => Promise<RegistryLogin>;

/** Helpers as programs on the `PATH` of `environment`, which is all of the environment that they get. */
export function credentialHelper(environment: Readonly<Record<string, string | undefined>>): CredentialHelper {
  return async (name, registry) => {
    const program = `docker-credential-${name}`;
    if (!/^[A-Za-z0-9._-]+$/.test(name)) throw failure(program, "it has an impossible name");
    // Most registries are asked without a helper, and most of execa's time is its loading.
    const { execa } = await import("execa");
    const result = await execa(program, ["get"], {
      input: registry,
      env: { ...environment },
      extendEnv: false,
      reject: false,
      timeout: TIMEOUT_MS,
    });
    if (result.stdout.trim() === NOT_FOUND) return ANONYMOUS;
    if (result.failed) {
      if (result.code === "ENOENT") throw failure(program, "it is not on the PATH", result.cause);
      throw failure(program, result.stdout.trim() || result.stderr.trim() || (result.shortMessage ?? ""), result.cause);
    }
    return parseAnswer(program, result.stdout);
  };
}

function parseAnswer(program: string, answer: string): RegistryLogin {
  let value: unknown;
  try {
    value = JSON.parse(answer);
  } catch (cause) {
    throw failure(program, "its answer is not JSON", cause);
  }
  const username = textMember(value, "Username");
  const secret = textMember(value, "Secret");
  return username === TOKEN_USER
    ? { ...ANONYMOUS, identityToken: secret }
    : { ...ANONYMOUS, username, password: secret };
}

function failure(program: string, reason: string, cause?: unknown): ClientError {
  return new ClientError("credential-helper-failed", `the credential helper ${program} failed: ${reason}`, {
    hint: "docker's config.json names it under credsStore or credHelpers",
    cause,
  });
}
