/** What a build may ask of this machine: files, registry logins, secrets, ssh agents, image layouts; and where exports go. */
import {
  authService,
  type ContentStore,
  contentService,
  credentialHelper,
  type ExportTarget,
  fileSendService,
  fileSyncService,
  type RpcHandler,
  type SecretSource,
  type SshForward,
  type SyncTree,
  secretsService,
  sshService,
} from "../../client/index.ts";
import { dockerConfigOf } from "../registry-access.ts";
import type { Terminal } from "../terminal.ts";

/** The parts may grow while the build goes on: what is compiled decides which directories and layouts are offered. */
export interface Offered {
  readonly directories: Map<string, SyncTree>;
  /** Paths of the repository that its directory offers. */
  readonly files: Set<string>;
  /** Absolute. */
  readonly root: string;
  readonly layouts: Map<string, ContentStore>;
  readonly secrets: ReadonlyMap<string, SecretSource>;
  readonly sshForwards: readonly SshForward[];
  readonly exports: ReadonlyMap<number, ExportTarget>;
}

export interface BuildServices extends AsyncDisposable {
  readonly handlers: readonly RpcHandler[];
  /** Errors on our side, by which the daemon's own words about a failed export are explained. */
  readonly exportErrors: readonly unknown[];
}

/** Throws `ClientError` for options that can't be right, such as an ssh agent that isn't there. */
export async function buildServices(
  terminal: Terminal,
  offered: Offered,
  warn: (text: string) => void,
): Promise<BuildServices> {
  const exportErrors: unknown[] = [];
  const ssh = await sshService(offered.sshForwards, terminal.env);
  const handlers = [
    ...fileSyncService(offered.directories, {
      onVanished: (_name, path) => warn(`${path} vanished while it was read`),
    }),
    ...fileSendService(offered.exports, { onFailure: (_id, error) => exportErrors.push(error) }),
    ...contentService(offered.layouts, { now: terminal.now }),
    ...secretsService(offered.secrets),
    ...ssh.handlers,
    ...(await loginHandlers(terminal, warn)),
  ];
  return { handlers, exportErrors, [Symbol.asyncDispose]: () => ssh.close() };
}

async function loginHandlers(terminal: Terminal, warn: (text: string) => void): Promise<readonly RpcHandler[]> {
  const { env, now } = terminal;
  return authService({
    config: await dockerConfigOf(terminal),
    helper: credentialHelper(env),
    clientTokens: !env["BUILDKIT_NO_CLIENT_TOKEN"] && !env["HTTPS_PROXY"] && !env["https_proxy"],
    onWarning: (error) => warn(error.message),
    now,
  });
}
