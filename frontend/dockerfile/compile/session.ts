/** What all parts of one compilation share. */
import type { Output, Platform, ProxyEnv, Vertex } from "../../../llb/index.ts";
import type { ContextSettings } from "../context/named-context.ts";
import type { PatternMatcher } from "../ignore/index.ts";
import type { Linter } from "../lint/linter.ts";
import type { LexOptions } from "../shell/lex.ts";
import type { Questions } from "./lookup.ts";
import type { CompileOptions } from "./options.ts";
import type { Epoch } from "./source-date-epoch.ts";
import type { StageList } from "./stage-list.ts";

export interface Session {
  readonly options: CompileOptions;
  readonly questions: Questions;
  readonly contexts: ContextSettings;
  readonly linter: Linter;
  readonly lex: LexOptions;
  readonly targetPlatform: Platform;
  /** The target was not asked for: a base image may change it. */
  readonly implicitTarget: boolean;
  readonly globalArgs: ReadonlyMap<string, string>;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly epoch: Epoch | undefined;
  readonly proxyEnv: ProxyEnv | undefined;
  readonly stages: StageList;
  readonly deferred: DeferredSources;
  readonly mainContext: Output | undefined;
  /** Processes without a command: an error if one of them is part of the result. */
  readonly emptyCommands: Vertex[];
  /** The file is UTF-8 as a whole. */
  readonly isText: boolean;
  /** Numbers the progress groups of this result. */
  readonly nextGroup: () => string;
}

/** While instructions are compiled. */
export interface DispatchSession extends Session {
  /** What the ignore file leaves out of the main context; undefined when that is nothing. */
  readonly ignoreMatcher: PatternMatcher | undefined;
}

/**
 * Local sources whose paths are known only when all is compiled. Ops refer to the output from the start; its vertex is
 * put in at the end, before anything is marshalled.
 */
export interface DeferredSources {
  /** `make` gives the source once everything that uses it is known. */
  readonly add: (make: () => Output) => Output;
  readonly fill: () => void;
}

const UNFILLED: Vertex = {
  op: { kind: "source", identifier: "", attrs: {} },
  platform: undefined,
  workerFilter: [],
  metadata: {},
  locations: [],
};

export function newDeferredSources(): DeferredSources {
  const waiting: { readonly output: { vertex: Vertex; index: number }; readonly make: () => Output }[] = [];
  return {
    add: (make) => {
      const output = { vertex: UNFILLED, index: 0 };
      waiting.push({ output, make });
      return output;
    },
    fill: () => {
      for (const { output, make } of waiting.splice(0)) {
        const made = make();
        output.vertex = made.vertex;
        output.index = made.index;
      }
    },
  };
}
