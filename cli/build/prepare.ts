/** What `build` and `run` do first: find the engine, set up the display, and say what is used. */
import { type ConnectedEngine, connectEngine } from "../engine-host.ts";
import type { BuildFlags } from "../option-values.ts";
import { createProgress, type Progress, type ProgressMode } from "../progress/index.ts";
import { type Terminal, takesColour } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { type Given, givenBy } from "./given.ts";

const MODES = ["auto", "tty", "plain", "rawjson", "quiet"] as const;

export interface Prepared {
  readonly progress: Progress;
  readonly connected: ConnectedEngine;
  readonly given: Given;
}

/** Throws `UsageError` and `ClientError` for wrong options, `EngineError` when there is no engine to be had. */
export async function prepareBuild(terminal: Terminal, flags: BuildFlags): Promise<Prepared> {
  const given = await givenBy(terminal, flags);
  const progress = progressOf(terminal, flags);
  try {
    const connected = await connectEngine(terminal, flags, (text) => progress.note(text));
    progress.note(`engine: ${connected.engine.description}`);
    return { progress, connected, given };
  } catch (error) {
    progress.finish(terminal.signal.aborted ? "cancelled" : "failed");
    throw error;
  }
}

/** The display that `--progress` asks for. Throws `UsageError`. */
export function progressOf(terminal: Terminal, flags: Pick<BuildFlags, "progress">): Progress {
  const { stderr, env, now } = terminal;
  return createProgress({
    mode: modeOf(terminal, flags.progress ?? "auto"),
    out: stderr,
    colour: takesColour(stderr, env),
    columns: () => stderr.columns ?? 80,
    rows: () => stderr.rows ?? 24,
    now,
  });
}

function modeOf({ stderr }: Terminal, name: string): ProgressMode {
  const mode = MODES.find((known) => known === name);
  if (mode === undefined) throw new UsageError(`--progress ${name} is not known`, `choose among ${MODES.join(", ")}`);
  return mode === "auto" ? (stderr.isTTY ? "tty" : "plain") : mode;
}
