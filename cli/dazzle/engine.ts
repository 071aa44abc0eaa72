/** The engine of a command, found when it is first needed: where nothing has to be built, none is. */
import { type ConnectedEngine, connectEngine } from "../engine-host.ts";
import type { BuildFlags } from "../option-values.ts";
import type { Progress } from "../progress/index.ts";
import type { Terminal } from "../terminal.ts";
import type { DazzleBuildFlags } from "./options.ts";

export interface LateEngine extends AsyncDisposable {
  /** Throws `EngineError`. */
  readonly connect: () => Promise<ConnectedEngine>;
}

/** The options that name an engine, as mzimage has them. */
export function engineFlags({ addr, builder, install }: DazzleBuildFlags): BuildFlags {
  return {
    ...(addr === undefined ? {} : { buildkit: addr }),
    ...(builder === undefined ? {} : { builder }),
    ...(install === undefined ? {} : { install }),
  };
}

export function lateEngine(terminal: Terminal, flags: DazzleBuildFlags, progress: Progress): LateEngine {
  let connecting: Promise<ConnectedEngine> | undefined;
  const connect = async (): Promise<ConnectedEngine> => {
    const connected = await connectEngine(terminal, engineFlags(flags), (text) => progress.note(text));
    progress.note(`engine: ${connected.engine.description}`);
    return connected;
  };
  return {
    connect: () => {
      connecting ??= connect();
      return connecting;
    },
    [Symbol.asyncDispose]: async () => {
      const connected = await connecting?.catch(() => undefined);
      await connected?.[Symbol.asyncDispose]();
    },
  };
}
