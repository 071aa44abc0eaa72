/**
 * A composition's own Python, kept while its composition is used: lines of JSON on file descriptors 3 and 4, everything else is
 * the composition's. What the lines say is in compose/python/mzbuild_host.py.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { Socket } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { CompositionPlace, LoadOptions } from "../../compose/index.ts";
import { pythonProgram } from "./python-program.ts";

export interface PythonHost extends AsyncDisposable {
  /** One line, as JSON. */
  send(message: object): void;
  /** Told of each line, until `undefined` for the end of the program. One listener at a time. */
  listen(listener: (message: string | undefined) => void): void;
  /** Waits for it: at other times it keeps nobody from ending, and ends with whoever started it. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** How the program ended: "exit code 1", "SIGKILL", or why it could not be started. Resolves when it has. */
  readonly ended: Promise<PythonEnd>;
}

export type PythonEnd =
  | { readonly kind: "not-started"; readonly program: string; readonly reason: string }
  | { readonly kind: "exited"; readonly program: string; readonly how: string; readonly exitCode: number | undefined };

/** How long it has to end by itself when nobody wants it any more. */
const PATIENCE_MS = 2_000;

export async function startPython(
  place: CompositionPlace,
  { env, signal, dataOnly = false }: LoadOptions,
): Promise<PythonHost> {
  const python = await pythonProgram(env, process.cwd());
  const program = env["MZBUILD_PYTHON"] || "python3";
  const flags = dataOnly && !python.isVirtual ? ["-S"] : [];
  const child = spawn(python.file, [...flags, hostFile(), place.file, place.root, cacheDirectory(env)], {
    env: { ...env, ...python.env },
    stdio: ["inherit", "inherit", "inherit", "pipe", "pipe"],
  });
  const ended = endOf(child, program);
  const stop = (): void => {
    child.kill("SIGTERM");
  };
  signal.addEventListener("abort", stop, { once: true });
  const [, , , fromPython, toPython] = child.stdio;
  if (!(fromPython instanceof Socket && toPython instanceof Socket))
    throw new TypeError("pipes to a child are sockets");
  // It may have ended already: how is told by `ended`.
  toPython.on("error", () => {});
  let listener: (message: string | undefined) => void = () => {};
  const early: string[] = [];
  let listening = false;
  createInterface({ input: fromPython }).on("line", (line) => (listening ? listener(line) : early.push(line)));
  void ended.then(() => listening && listener(undefined));
  const handles = [child, fromPython, toPython];
  return {
    during: async (work) => {
      for (const handle of handles) handle.ref();
      try {
        return await work();
      } finally {
        for (const handle of handles) handle.unref();
      }
    },
    send: (message) => toPython.write(`${JSON.stringify(message)}\n`),
    listen: (next) => {
      listener = next;
      if (listening) return;
      listening = true;
      for (const line of early) listener(line);
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener("abort", stop);
      toPython.end();
      child.ref();
      const impatient = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      await ended;
      clearTimeout(impatient);
    },
  };
}

/** After its last line. */
function endOf(child: ChildProcess, program: string): Promise<PythonEnd> {
  return new Promise((resolve) => {
    child.once("error", ({ message }) => resolve({ kind: "not-started", program, reason: message }));
    child.once("close", (code, killedBy) => {
      const how = killedBy ?? `exit code ${code}`;
      resolve({ kind: "exited", program, how, exitCode: code ?? undefined });
    });
  });
}

/** Where compiled compositions are kept. */
function cacheDirectory(env: LoadOptions["env"]): string {
  return join(env["XDG_CACHE_HOME"] || join(env["HOME"] ?? "/", ".cache"), "mzbuild", "python");
}

/** Beside the sources, wherever this program has been bundled to. */
function hostFile(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); dirname(at) !== at; at = dirname(at)) {
    const file = join(at, "compose/python/mzbuild_host.py");
    if (existsSync(file)) return file;
  }
  throw new TypeError("mzbuild's Python package is not where this program is");
}
