/** The machine as the engine code wants to know it, and the engine that a command line asks for. */
import {
  connectAddress,
  type Engine,
  EngineError,
  type EngineHost,
  findEngine,
  RpcClient,
  RpcError,
} from "../client/index.ts";
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

/** Runs what needs the engine until its end. Throws what `work` throws; the end of the connection as `EngineError` "engine-lost". */
export async function whileConnected<T>({ engine }: ConnectedEngine, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RpcError) || !error.connectionLost) throw error;
    const again =
      engine.kind === "embedded"
        ? "run it again: the engine is started anew, with all that was built; `mzimage engine log` has its last words"
        : "run it again when the engine is back: it keeps what was built";
    throw new EngineError("engine-lost", `the engine at ${engine.address} went away before the work was done`, {
      hint: again,
      cause: error,
    });
  }
}
