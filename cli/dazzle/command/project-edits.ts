/** `mzdazzle project init`, `add-combination` and `ignore`: what writes files of a project. docs/dazzle.md. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "../../../llb/index.ts";
import { PROJECT_FILE, type ProjectConfig, readProjectConfig, writeProjectConfig } from "../../../mzbuild/index.ts";
import type { Terminal } from "../../terminal.ts";
import { writeWhole } from "../../write-whole.ts";
import { projectRoot } from "../open-project.ts";
import type { DazzleGlobals } from "../options.ts";

const EMPTY_CONFIG: ProjectConfig = { combinations: [], envVars: [], ignore: [] };

const EXAMPLE_TEST = `\
- desc: "it should say hello"
  command: ["echo", "hello"]
  assert:
  - status == 0
  - stdout.indexOf("hello") != -1
  - stderr.length == 0`;

/** Begins a project, or a chunk of one. Throws `BuildError` "already-there". */
export function projectInit(terminal: Terminal, globals: DazzleGlobals, chunk: string | undefined): void {
  const root = projectRoot(terminal, globals);
  if (chunk === undefined) {
    if (existsSync(join(root, "base"))) {
      throw new BuildError("already-there", "mkdir base: file exists", {
        hint: "this directory has a project already: mzdazzle project init CHUNK adds a chunk to it",
      });
    }
    mkdirSync(join(root, "base"));
    writeFileSync(join(root, "base", "Dockerfile"), "FROM ubuntu:latest\n");
    mkdirSync(join(root, "chunks"), { recursive: true });
    if (!existsSync(join(root, PROJECT_FILE))) writeConfig(root, EMPTY_CONFIG);
    terminal.stdout.write("dazzle project initialized - use `mzdazzle project init <chunkname>` to add a chunk\n");
    return;
  }
  checkChunkName(chunk);
  mkdirSync(join(root, "chunks", chunk), { recursive: true });
  writeFileSync(join(root, "chunks", chunk, "Dockerfile"), "ARG base\nFROM ${base}\n\n");
  mkdirSync(join(root, "tests"), { recursive: true });
  writeFileSync(join(root, "tests", `${chunk}.yaml`), EXAMPLE_TEST);
}

/** Throws `BuildError` "already-there", and "bad-yaml" for the file as it is. */
export function projectAddCombination(
  terminal: Terminal,
  globals: DazzleGlobals,
  name: string,
  chunks: readonly string[],
): void {
  const root = projectRoot(terminal, globals);
  const config = readConfig(root);
  if (config.combinations.some((combination) => combination.name === name)) {
    throw new BuildError("already-there", `combination ${name} exists already`);
  }
  const at = { file: PROJECT_FILE, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  const added = { name, chunks, ref: [], at, refAt: [] };
  writeConfig(root, { ...config, combinations: [...config.combinations, added] });
}

export function projectIgnore(terminal: Terminal, globals: DazzleGlobals, lines: readonly string[]): void {
  const root = projectRoot(terminal, globals);
  const config = readConfig(root);
  writeConfig(root, { ...config, ignore: [...config.ignore, ...lines] });
}

function readConfig(root: string): ProjectConfig {
  const path = join(root, PROJECT_FILE);
  return existsSync(path) ? readProjectConfig(readFileSync(path)) : EMPTY_CONFIG;
}

function writeConfig(root: string, config: ProjectConfig): void {
  writeWhole(join(root, PROJECT_FILE), writeProjectConfig(config));
}

function checkChunkName(name: string): void {
  if (/^\w[\w.-]*$/.test(name) && !name.startsWith("_")) return;
  throw new BuildError("bad-chunk-name", `${JSON.stringify(name)} can't be the name of a chunk`, {
    hint: "it is part of tags: letters, digits, _, . and -, and not _ first, which leaves a chunk out",
  });
}
