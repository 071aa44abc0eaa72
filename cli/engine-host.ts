/** The machine as the engine code wants to know it, and the engine that a command line asks for. */
import { connectAddress, type Engine, type EngineHost, findEngine, RpcClient } from "../client/index.ts";
import type { BuildFlags } from "./option-values.ts";
import type { Terminal } from "./terminal.ts";

export function engineHost({ env, platform, arch, homeDir, uid }: Terminal): EngineHost {
  return { env, platform, arch, homeDir, uid };
}

export interface ConnectedEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly client: RpcClient;
}

/** Finds the engine, providing one if need be; `say` gets a line for everything that is set up. Throws `EngineError`. */
export async function connectEngine(
  terminal: Terminal,
  flags: BuildFlags,
  say: (text: string) => void,
): Promise<ConnectedEngine> {
  const engine = await findEngine(
    engineHost(terminal),
    {
      ...(flags.buildkit === undefined ? {} : { buildkit: flags.buildkit }),
      ...(flags.builder === undefined ? {} : { builder: flags.builder }),
      install: flags.install ?? true,
      signal: terminal.signal,
    },
    ({ text }) => say(text),
  );
  const client = new RpcClient({ connect: connectAddress(engine.address, { tls: engine.tls, env: terminal.env }) });
  return { engine, client, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
}
