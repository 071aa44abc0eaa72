/** The engine of a command, found when it is first needed: where nothing has to be built, none is. */
import type { ConnectedEngine } from "../engine-host.ts";
import type { Progress } from "../progress/index.ts";
import type { Terminal } from "../terminal.ts";
import type { BuildTools } from "./build/solve-image.ts";
import { engineFlags } from "./engine-flags.ts";
import type { LoadEngineSide } from "./engine-side.ts";
import type { DazzleBuildFlags } from "./options.ts";

export type EngineTools = Pick<BuildTools, "terminal" | "connected" | "given" | "progress">;

export interface LateEngine extends AsyncDisposable {
  /** Throws `EngineError`. */
  readonly tools: () => Promise<EngineTools>;
}

/** What options give to builds is checked at once: throws `ClientError` for what can't be right or isn't there. */
export async function lateEngine(
  terminal: Terminal,
  flags: DazzleBuildFlags,
  progress: Progress,
  engineSide: LoadEngineSide,
): Promise<LateEngine> {
  const { secret, ssh, buildContext } = flags;
  const asked = [secret, ssh, buildContext].some((list) => list !== undefined && list.length > 0);
  const known = asked ? await (await engineSide()).givenBy(terminal, flags) : undefined;
  let connecting: Promise<ConnectedEngine> | undefined;
  const connect = async (): Promise<ConnectedEngine> => {
    const { connectEngine } = await engineSide();
    const connected = await connectEngine(terminal, engineFlags(flags), (text) => progress.note(text));
    progress.note(`engine: ${connected.engine.description}`);
    return connected;
  };
  return {
    tools: async () => {
      const given = known ?? (await (await engineSide()).givenBy(terminal, flags));
      connecting ??= connect();
      return { terminal, connected: await connecting, given, progress };
    },
    [Symbol.asyncDispose]: async () => {
      const connected = await connecting?.catch(() => undefined);
      await connected?.[Symbol.asyncDispose]();
    },
  };
}
