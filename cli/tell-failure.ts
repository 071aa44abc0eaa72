/** Ends the display of a build with its outcome, and tells of a step that failed, once, after everything else. */
import { BuildFailed } from "./build-failed.ts";
import { type Progress, renderFailure } from "./progress/index.ts";
import { type Terminal, takesColour } from "./terminal.ts";

/** Runs `work`; whatever it throws is thrown on. */
export async function tellFailure<T>(terminal: Terminal, progress: Progress, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    progress.finish("done");
    return result;
  } catch (error) {
    progress.finish(terminal.signal.aborted ? "cancelled" : "failed");
    if (error instanceof BuildFailed) {
      const { stderr, env } = terminal;
      const options = { colour: takesColour(stderr, env), columns: stderr.columns };
      stderr.write(renderFailure(error.failure, progress.failedSteps(), options));
    }
    throw error;
  }
}
