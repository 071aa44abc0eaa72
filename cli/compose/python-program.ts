/**
 * Which program runs an `mzcompose.py`. Where `python3` is pyenv's, that is a script which looks for the interpreter each time, for
 * several times as long as the interpreter itself takes to start: what it found is noted together with all that it goes by
 * (pyenv v2.6: libexec/pyenv-version-file, pyenv-version-name, pyenv-which).
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { describeFile, readNote, writeNote } from "./note-file.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface PythonProgram {
  readonly file: string;
  /** In addition to that of mzcompose. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it is that of a virtual environment. */
  readonly isVirtual: boolean;
}

/** The one that `MZBUILD_PYTHON` names, else `python3`; whether it is there shows when it is started. */
export async function pythonProgram(env: Environment, directory: string): Promise<PythonProgram> {
  const named = env["MZBUILD_PYTHON"];
  if (named) return { file: named, env: {}, isVirtual: isVirtual(named) };
  const candidates = onPath(env["PATH"] ?? "");
  const [first] = candidates;
  const plain = { file: "python3", env: {}, isVirtual: first === undefined || isVirtual(first) };
  if (first === undefined || !isPyenvShim(first)) return plain;
  const key = keyOf(env, directory, candidates);
  const file = noteFile(env, key);
  const noted = stillTrue(file, key);
  if (noted !== undefined) return noted;
  const program = await askShim(first, env, directory);
  if (program === undefined) return plain;
  const interpreter = describeFile(program.file);
  if (interpreter !== undefined) writeNote(file, { key, program, interpreter } satisfies Note);
  return program;
}

function onPath(path: string): readonly string[] {
  const directories = path.split(delimiter).filter((directory) => directory !== "");
  return directories.map((directory) => join(directory, "python3")).filter((file) => existsSync(file));
}

/** By the file that PEP 405 has there. A name without a directory says nothing: it is taken to be one. */
function isVirtual(file: string): boolean {
  return (
    !file.includes("/") ||
    existsSync(join(dirname(dirname(file)), "pyvenv.cfg")) ||
    existsSync(join(dirname(file), "pyvenv.cfg"))
  );
}

function isPyenvShim(file: string): boolean {
  const text = readFileSync(file).subarray(0, 1000).toString("latin1");
  return text.startsWith("#!") && text.includes("PYENV_ROOT=");
}

/** All that pyenv's choice depends on. */
function keyOf(env: Environment, directory: string, candidates: readonly string[]): string {
  const [shim = ""] = candidates;
  const root = env["PYENV_ROOT"] || dirname(dirname(shim));
  const versions = [...above(env["PYENV_DIR"] || directory), ...above(directory)].map((at) =>
    join(at, ".python-version"),
  );
  const variables = ["PATH", "PYENV_VERSION", "PYENV_ROOT", "PYENV_DIR", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"];
  return JSON.stringify([
    ...variables.map((name) => env[name] ?? null),
    [...versions, join(root, "version")].flatMap((file) =>
      existsSync(file) ? [[file, readFileSync(file, "utf8")]] : [],
    ),
    candidates.map(describeFile),
  ]);
}

/** A directory and those that it is in. */
function above(directory: string): readonly string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...above(parent)];
}

/** Written by the interpreter that the script has chosen. */
interface Answer {
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
}

const QUESTION = "import json, os, sys; print(json.dumps({'executable': sys.executable, 'env': dict(os.environ)}))";

/** Of no meaning to what it starts, or only true of this start. */
const PASSING = ["_", "SHLVL", "PWD", "OLDPWD", "PYENV_DIR"];

async function askShim(shim: string, env: Environment, directory: string): Promise<PythonProgram | undefined> {
  try {
    const { stdout } = await promisify(execFile)(shim, ["-c", QUESTION], { env: { ...env }, cwd: directory });
    const answer = JSON.parse(stdout) as Answer;
    const changed = Object.entries(answer.env).filter(
      ([name, value]) => env[name] !== value && !PASSING.includes(name),
    );
    const { executable: file } = answer;
    return { file, env: Object.fromEntries(changed), isVirtual: isVirtual(file) };
  } catch {
    // What is wrong with it shows when it is started for the composition.
    return undefined;
  }
}

interface Note {
  readonly key: string;
  readonly program: PythonProgram;
  /** Whether it is still the same. */
  readonly interpreter: string;
}

function noteFile(env: Environment, key: string): string {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 20);
  return join(env["XDG_CACHE_HOME"] || join(env["HOME"] ?? "/", ".cache"), "mzbuild", "python", `${name}.json`);
}

function stillTrue(file: string, key: string): PythonProgram | undefined {
  // Written by us.
  const note = readNote(file) as Note | undefined;
  return note?.key === key && note.interpreter === describeFile(note.program.file) ? note.program : undefined;
}
