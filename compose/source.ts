/** How compositions of one form come to be data, and their workflows to run. One implementation a form. */
import type { CompositionData } from "./model.ts";
import type { CompositionOperations } from "./operations.ts";

/** The forms, named after their files. */
export type CompositionForm = "mzcompose.ts" | "mzcompose.py" | "compose";

/** Where a composition is. Nothing of it has been loaded. */
export interface CompositionPlace {
  readonly form: CompositionForm;
  /** Absolute. */
  readonly directory: string;
  /** The file that declares it, absolute; of several Compose files the first. */
  readonly file: string;
  /** The repository's root, absolute. */
  readonly root: string;
}

export interface LoadOptions {
  /** The environment that the composition sees. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Whether no workflow will be run: its program may end at once, and its stack traces don't matter. Default: false. */
  readonly dataOnly?: boolean;
}

/**
 * Runs or reads the composition. Throws `BuildError` "bad-composition" with its own file and line where they are known; what an
 * interpreter says of it (a traceback) is part of the message.
 */
export type LoadComposition = (place: CompositionPlace, options: LoadOptions) => Promise<LoadedComposition>;

/** A composition whose program, if it has one, waits for workflows to run. Disposing of it ends that. */
export interface LoadedComposition extends AsyncDisposable {
  readonly data: CompositionData;
  /**
   * Runs a workflow of `data.workflows` to its end, with the arguments behind its name; what it wants from the composition goes
   * through `operations`. Throws what it throws; `WorkflowError` where that has been told already.
   */
  runWorkflow(name: string, args: readonly string[], operations: CompositionOperations): Promise<void>;
}
