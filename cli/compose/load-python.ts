/** `mzcompose.py` as a composition, run by the user's own Python with a package of ours. docs/mzcompose-python.md. */
import { relative } from "node:path";
import {
  answerCall,
  type CompositionData,
  type CompositionOperations,
  type CompositionPlace,
  type LoadComposition,
  WorkflowError,
} from "../../compose/index.ts";
import { BuildError } from "../../llb/index.ts";
import { type PythonEnd, type PythonHost, startPython } from "./python-host.ts";

/** What Python says of an error; see compose/python/materialize/mzcompose/_failure.py. */
interface Failure {
  /** "told": without a traceback; "exit": by sys.exit; "interrupted": by Ctrl-C; "raised": any other. */
  readonly kind: "told" | "exit" | "interrupted" | "raised";
  readonly message: string;
  readonly hint?: string | null;
  readonly traceback?: string;
  readonly file?: string;
  readonly line?: number;
  readonly function?: string;
}

/** Throws `BuildError` "bad-composition", with the traceback if there is one, and "missing-program". */
export const loadPython: LoadComposition = async (place, options) => {
  const host = await startPython(place, options);
  try {
    const data = await host.during(() => compositionOf(host, place));
    options.signal.throwIfAborted();
    // It ends while the command goes on.
    const ended = options.dataOnly ? host[Symbol.asyncDispose]() : undefined;
    return {
      data: { ...data, others: {} },
      runWorkflow: (name, args, operations) => host.during(() => runWorkflow(host, place, { name, args, operations })),
      [Symbol.asyncDispose]: () => ended ?? host[Symbol.asyncDispose](),
    };
  } catch (error) {
    await host[Symbol.asyncDispose]();
    options.signal.throwIfAborted();
    throw error;
  }
};

type FirstMessage = { readonly composition: Omit<CompositionData, "others"> } | { readonly failed: Failure };

async function compositionOf(host: PythonHost, place: CompositionPlace): Promise<Omit<CompositionData, "others">> {
  const line = await new Promise<string | undefined>((resolve) => host.listen(resolve));
  if (line === undefined) throw notLoaded(await host.ended, place);
  // Written by our own program.
  const message = JSON.parse(line) as FirstMessage;
  if ("failed" in message) throw loadFailed(message.failed, place);
  const { workflows, description, ...data } = message.composition;
  const described = workflows.map((workflow) => ({ ...workflow, description: workflow.description ?? undefined }));
  return { ...data, workflows: described, description: description ?? undefined };
}

interface Run {
  readonly name: string;
  readonly args: readonly string[];
  readonly operations: CompositionOperations;
}

type Message = { readonly id: number } | { readonly ended: { readonly failed?: Failure } };

async function runWorkflow(host: PythonHost, place: CompositionPlace, { name, args, operations }: Run): Promise<void> {
  const failure = await new Promise<Failure | undefined>((resolve, reject) => {
    host.listen((line) => {
      if (line === undefined) {
        void host.ended.then((end) => reject(new WorkflowError(`workflow ${name} came to no end: ${told(end)}`)));
        return;
      }
      const message = JSON.parse(line) as Message; // Written by our own program.
      if ("ended" in message) resolve(message.ended.failed);
      else void answerCall(line, operations).then((answer) => host.send(answer));
    });
    host.send({ run: name, args });
  });
  if (failure !== undefined) throw workflowFailed(failure, place, name);
}

function workflowFailed(failure: Failure, place: CompositionPlace, name: string): WorkflowError {
  const { kind, message, hint, file, line } = failure;
  if (kind === "told") {
    const where = file === undefined ? undefined : `in workflow ${name}, ${relative(place.root, file)}:${line}`;
    const said = [hint ?? undefined, where].filter((text) => text !== undefined).join("; ");
    return new WorkflowError(message, said === "" ? {} : { hint: said });
  }
  const how =
    kind === "exit" ? `ended with ${message}` : kind === "interrupted" ? "was interrupted" : `failed: ${message}`;
  return new WorkflowError(`workflow ${name} ${how}`, { told: true });
}

function loadFailed({ kind, message, hint, traceback, file, line }: Failure, place: CompositionPlace): BuildError {
  const name = relative(place.root, place.file);
  if (kind === "raised") {
    const advice = adviceOn(message);
    return new BuildError("bad-composition", `${name} can't be loaded\n${traceback?.trimEnd() ?? message}`, {
      ...(advice === undefined ? {} : { hint: advice }),
    });
  }
  const position = { line: line ?? 1, column: 1 };
  const at = file === undefined ? [] : [{ file: relative(place.root, file), start: position, end: position }];
  return new BuildError("bad-composition", `${name}: ${message}`, { at, ...(hint ? { hint } : {}) });
}

function adviceOn(message: string): string | undefined {
  const missing = /^ModuleNotFoundError: No module named '([\w.]+)'/.exec(message)?.[1];
  if (missing === undefined && !/^ImportError: cannot import name .* from 'materialize/.test(message)) return undefined;
  if (missing === undefined || missing.startsWith("materialize.")) {
    return "what mzcompose has of the package `materialize` is listed in docs/mzcompose-python.md; the rest is Materialize's own";
  }
  return `mzcompose.py runs in the python3 on PATH: install ${missing.split(".")[0]} there, activate the environment that has it, or name its Python by MZBUILD_PYTHON`;
}

function notLoaded(end: PythonEnd, place: CompositionPlace): BuildError {
  const name = relative(place.root, place.file);
  if (end.kind === "not-started") {
    const hint =
      "install Python 3.8 or newer (Debian and Ubuntu: apt-get install python3), or name it by MZBUILD_PYTHON";
    return new BuildError(
      "missing-program",
      `${name} needs Python, and ${end.program} can't be started: ${end.reason}`,
      { hint },
    );
  }
  const hint = end.exitCode === TOO_OLD ? "put a newer python3 on PATH, or name it by MZBUILD_PYTHON" : undefined;
  return new BuildError("bad-composition", `${name} can't be loaded: ${told(end)}`, hint === undefined ? {} : { hint });
}

/** The exit code of mzbuild_host.py for a Python that is. */
const TOO_OLD = 3;

function told(end: PythonEnd): string {
  return end.kind === "not-started" ? end.reason : `${end.program} ended with ${end.how}`;
}
