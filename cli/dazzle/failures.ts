/** What went wrong with several chunks or combinations, each told by itself, all in the end. */
import { BuildError } from "../../llb/index.ts";
import { BuildFailed } from "../build-failed.ts";
import { isCancellation } from "../errors/exit-code.ts";
import { type Progress, renderFailure } from "../progress/index.ts";
import { Interrupted, type Terminal, takesColour } from "../terminal.ts";
import { paintWith } from "../text/index.ts";
import { resultLines } from "./test/tell-results.ts";
import { TestsFailed } from "./test/tests-failed.ts";

export interface Failure {
  /** Of the chunk or combination. */
  readonly name: string;
  /** Begins the message, as the original has it: `cannot build chunk lang:2`. */
  readonly lead: string;
  readonly error: unknown;
}

/** The same work for each item, all at once; whatever fails is given back, and the others go on. Throws when all is given up. */
export async function collectFailures<Item>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item) => Promise<Failure | undefined>,
): Promise<readonly Failure[]> {
  const failures = await Promise.all(items.map(work));
  if (signal.aborted) throw signal.reason;
  return failures.flatMap((failure) => failure ?? []);
}

/** Does the work of a command to its end, and that of the display. Throws what is told then: `AggregateError` for several failures. */
export async function untilDone(
  terminal: Terminal,
  progress: Progress,
  work: () => Promise<readonly Failure[]>,
): Promise<void> {
  let failures: readonly Failure[];
  try {
    failures = await work();
  } catch (error) {
    progress.finish(terminal.signal.aborted ? "cancelled" : "failed");
    throw error;
  }
  if (failures.length > 0) endWithFailures(terminal, progress, failures);
  progress.finish("done");
}

/** Ends the display, tells of steps and tests that failed, and throws the rest as one error. */
function endWithFailures(terminal: Terminal, progress: Progress, failures: readonly Failure[]): never {
  progress.finish("failed", new Set(failures.map(({ name }) => name)));
  const { stderr, env } = terminal;
  const colour = takesColour(stderr, env);
  const paint = paintWith(colour);
  for (const { name, error } of failures) {
    if (error instanceof BuildFailed) {
      const steps = progress.failedSteps().filter(({ image }) => image === undefined || image === name);
      stderr.write(renderFailure(error.failure, steps, { colour, columns: stderr.columns }));
    } else if (error instanceof TestsFailed) {
      const failed = error.results.filter(({ kind }) => kind === "failed" || kind === "error");
      stderr.write(`${resultLines(name, failed, paint).join("\n")}\n`);
    }
  }
  const errors = failures.map(({ lead, error }) => withLead(lead, error));
  const [only] = errors;
  if (errors.length === 1 && only !== undefined) throw only;
  throw new AggregateError(errors, errors.map(({ message }) => message).join("\n"));
}

function withLead(lead: string, error: unknown): Error {
  if (error instanceof Interrupted || isCancellation(error)) return error instanceof Error ? error : new Error(lead);
  const message = error instanceof Error ? error.message : String(error);
  const told = error instanceof BuildFailed || error instanceof TestsFailed;
  const at = error instanceof BuildError ? error.at : [];
  const hint = error instanceof Error && "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  return new BuildError("chunk-failed", `${lead}: ${message}`, {
    at,
    ...(hint === undefined ? {} : { hint }),
    ...(told ? {} : { cause: error }),
  });
}
