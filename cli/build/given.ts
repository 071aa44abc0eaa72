/** What the options of a build give to it besides the repository: named contexts, secrets, ssh agents, arguments. */
import {
  parseAttests,
  parseBuildContext,
  parseSecret,
  parseSsh,
  type ResolvedContexts,
  resolveBuildContexts,
  resolveSecrets,
  type SecretSource,
  type SshForward,
} from "../../client/index.ts";
import { CARGO_BUILDER } from "../../frontend/gateway/index.ts";
import { CA_SECRET } from "../../mzbuild/index.ts";
import type { BuildFlags } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import { buildArgAttributes } from "./build-args.ts";
import { certificateFile } from "./certificates.ts";

export interface Given {
  readonly contexts: ResolvedContexts;
  readonly secrets: ReadonlyMap<string, SecretSource>;
  readonly sshForwards: readonly SshForward[];
  /** Attributes: arguments for all Dockerfiles. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** In which image Cargo runs, where the settings don't say. */
  readonly cargoBuilder: string | undefined;
  /** Attributes: what the daemon has to attest of what it exports. */
  readonly attestations: Readonly<Record<string, string>>;
}

/** Throws `ClientError` for what can't be right or isn't there: to be asked before an engine is set up for nothing. */
export async function givenBy(terminal: Terminal, flags: BuildFlags): Promise<Given> {
  const place = { environment: terminal.env, directory: terminal.cwd };
  const contexts = (flags.buildContext ?? []).map(parseBuildContext);
  const secrets = (flags.secret ?? []).map(parseSecret);
  return {
    sshForwards: (flags.ssh ?? []).map((text) => parseSsh(text, place)),
    buildArgs: buildArgAttributes(terminal, flags.buildArg),
    cargoBuilder: flags.cargoBuilder ?? (terminal.env[CARGO_BUILDER] || undefined),
    attestations: parseAttests(flags.attest ?? []),
    contexts: await resolveBuildContexts(contexts, terminal.cwd),
    secrets: await withCertificates(terminal, await resolveSecrets(secrets, place)),
  };
}

/** Where this machine trusts certificates of its own, steps that fetch must trust them, too. */
async function withCertificates(
  { env }: Terminal,
  secrets: ReadonlyMap<string, SecretSource>,
): Promise<ReadonlyMap<string, SecretSource>> {
  if (secrets.has(CA_SECRET)) return secrets;
  const path = await certificateFile(env);
  return path === undefined ? secrets : new Map([...secrets, [CA_SECRET, { kind: "file", path }]]);
}
