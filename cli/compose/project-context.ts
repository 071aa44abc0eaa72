/** What a project was opened with: the command line, the composition's place, and what may be done with images. */
import type { CompositionPlace } from "../../compose/index.ts";
import { isTruthy, type RepositoryRoot } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { GlobalOptions } from "../option-values.ts";
import type { Terminal } from "../terminal.ts";
import type { AcquireServices } from "./acquire.ts";
import type { ComposeOptions } from "./command-line.ts";

export interface ProjectContext {
  readonly terminal: Terminal;
  readonly options: ComposeOptions;
  readonly composeOptions: readonly string[];
  readonly root: RepositoryRoot;
  readonly place: CompositionPlace;
  readonly hooks: Pick<GlobalOptions, "atEnd">;
  /** Undefined where the command was known to need nothing of it. */
  readonly images: ImageWork | undefined;
}

/** What is done with images; apart, so that commands which do nothing with them start without its code. */
export interface ImageWork {
  readonly open: (
    terminal: Terminal,
    root: RepositoryRoot,
    globals: Pick<GlobalOptions, "atEnd">,
    options: ComposeOptions,
  ) => Promise<OpenRepository>;
  /** Has the images of services in Docker. */
  readonly acquire: (request: AcquireServices) => Promise<void>;
}

/** Whether programs are to write what of their code has run. */
export function hasCoverage({ options, terminal }: ProjectContext): boolean {
  return options.coverage === true || isTruthy(terminal.env["CI_COVERAGE_ENABLED"]);
}
