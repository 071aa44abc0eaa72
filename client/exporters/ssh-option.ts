/**
 * `--ssh` as buildctl and docker buildx read it: "default", "default=SOCKET", "id=KEY,KEY", "id=SOCKET,raw=true".
 * Source: moby/buildkit v0.33.0: cmd/buildctl/build/ssh.go, session/sshforward/sshprovider/agentprovider.go.
 */
import { isAbsolute, join } from "node:path";
import { ClientError } from "../client-error.ts";
import type { SshForward } from "../ssh/ssh-service.ts";
import { parseBoolean } from "./key-values.ts";

export interface SshContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. */
  readonly directory: string;
}

/** Without a path, the user's own agent (SSH_AUTH_SOCK) is forwarded. Throws `ClientError` "bad-option". */
export function parseSsh(text: string, context: SshContext): SshForward {
  const equals = text.indexOf("=");
  const id = (equals === -1 ? text : text.slice(0, equals)) || "default";
  const paths: string[] = [];
  let raw = false;
  for (const part of equals === -1 ? [] : text.slice(equals + 1).split(",")) {
    if (part.startsWith("raw=")) raw = booleanOf(text, part.slice("raw=".length));
    else if (part !== "") paths.push(isAbsolute(part) ? part : join(context.directory, part));
  }
  if (raw && paths.length !== 1) throw new ClientError("bad-option", `--ssh ${text}: raw needs exactly one socket`);
  return { id, paths: paths.length > 0 ? paths : [userAgent(text, context)], raw };
}

function userAgent(text: string, context: SshContext): string {
  const socket = context.environment["SSH_AUTH_SOCK"] ?? "";
  if (socket !== "") return socket;
  throw new ClientError("bad-option", `--ssh ${text}: no ssh agent is running: SSH_AUTH_SOCK is not set`, {
    hint: `start one (eval "$(ssh-agent)"; ssh-add), or name a key: --ssh default=~/.ssh/id_ed25519`,
  });
}

function booleanOf(text: string, value: string): boolean {
  const parsed = parseBoolean(value);
  if (parsed === undefined)
    throw new ClientError("bad-option", `--ssh ${text}: raw is true or false, not ${JSON.stringify(value)}`);
  return parsed;
}
