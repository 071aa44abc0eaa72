/**
 * mzdazzle beside the original on one engine and one registry: the sample project, and a generated one of 40 chunks and 40
 * combinations. Each tool has a repository and a project of its own, whose Dockerfiles differ in a comment, so that neither finds
 * the other's steps in the engine's cache.
 *
 *     npm run bench dazzle
 */
import { appendFileSync } from "node:fs";
import { execa } from "execa";
import {
  type DazzleCommands,
  dazzleCommands,
  projectOf,
  pushShellImage,
  sampleProject,
} from "../integration/dazzle-project.ts";
import { dazzleReference } from "../integration/dazzle-reference.ts";
import { privateEngine } from "../integration/engine.ts";
import { startRegistry } from "../integration/registry.ts";

const CHUNKS = 40;
const COMBINATIONS = 40;

interface Tool {
  readonly name: string;
  readonly run: (cwd: string, args: readonly string[]) => Promise<void>;
  readonly buildOptions: readonly string[];
}

export async function benchDazzle(print: (line: string) => void): Promise<void> {
  const reference = await dazzleReference();
  if (reference === undefined) return print("there is no dazzle to compare with");
  await using registry = await startRegistry();
  // Others may stop the shared one.
  await using own = await privateEngine();
  using commands = await dazzleCommands(own.address);
  const shell = await pushShellImage(commands, registry.host);
  const tools = toolsOf(commands, reference);
  const seed = String(Date.now());
  const projects = [
    {
      title: "the sample project",
      make: (tool: string) => sampleProject(commands.home, `sample-${tool}`, shell),
      edited: "alpha",
    },
    {
      title: `${CHUNKS} chunks, ${COMBINATIONS} combinations`,
      make: (tool: string) => projectOf(commands.home, `large-${tool}`, largeProject(shell)),
      edited: "chunk-07",
    },
  ];
  for (const [index, { title, make, edited }] of projects.entries()) {
    const rows: (readonly [string, readonly number[]])[] = [];
    const places = tools.map(({ name }) => {
      const directory = make(name);
      appendFileSync(`${directory}/base/Dockerfile`, `RUN echo ${seed} ${name} >/seed\n`);
      return { directory, target: `${registry.host}/${name}-${index}` };
    });
    const measure = async (row: string, args: (target: string, tool: Tool) => readonly string[]): Promise<void> => {
      const times: number[] = [];
      for (const [at, tool] of tools.entries()) {
        const { directory = "", target = "" } = places[at] ?? {};
        const begun = performance.now();
        await tool.run(directory, args(target, tool));
        times.push(performance.now() - begun);
      }
      rows.push([row, times]);
    };
    await measure("first build", (target, { buildOptions }) => ["build", target, ...buildOptions]);
    // The original stores one result of tests a run, and would need one for each chunk until it has nothing to do.
    await settle(tools, places);
    await measure("nothing changed", (target, { buildOptions }) => ["build", target, ...buildOptions]);
    for (const { directory } of places)
      appendFileSync(`${directory}/chunks/${edited}/Dockerfile`, "RUN echo changed >/changed\n");
    await measure("one chunk changed", (target, { buildOptions }) => ["build", target, ...buildOptions]);
    await settle(tools, places);
    await measure("combine --all, with tests", (target) => ["combine", target, "--all"]);
    await measure("combine --all --no-test", (target) => ["combine", target, "--all", "--no-test"]);
    print(
      table(
        title,
        tools.map(({ name }) => name),
        rows,
      ),
    );
  }
}

/** Has the results of all tests stored for the original, too: by mzdazzle, which stores all of them at once. */
async function settle(
  [ours]: readonly Tool[],
  [, place]: readonly { readonly directory: string; readonly target: string }[],
): Promise<void> {
  if (ours !== undefined && place !== undefined) {
    await ours.run(place.directory, ["build", place.target, ...ours.buildOptions]);
  }
}

function toolsOf(commands: DazzleCommands, reference: string): readonly Tool[] {
  const checked = async (program: string, args: readonly string[], cwd: string): Promise<void> => {
    const { exitCode, all } = await execa(program, args, {
      cwd,
      env: { HOME: commands.home, BUILDKIT_HOST: commands.engine },
      reject: false,
      all: true,
    });
    if (exitCode !== 0) throw new Error(`${program} ${args.join(" ")}: ${all}`);
  };
  return [
    {
      name: "mzdazzle",
      run: (cwd, args) => checked("bin/mzdazzle", ["--context", cwd, ...args], process.cwd()),
      buildOptions: ["--original-dockerfiles"],
    },
    {
      name: "dazzle",
      run: (cwd, args) => checked(reference, ["--context", cwd, "--addr", commands.engine, ...args], cwd),
      buildOptions: ["--plain-output"],
    },
  ];
}

function largeProject(shell: string): Readonly<Record<string, string>> {
  const names = Array.from({ length: CHUNKS }, (_, index) => `chunk-${String(index).padStart(2, "0")}`);
  const combinations = Array.from({ length: COMBINATIONS }, (_, index) => {
    const chunks = [0, 1, 2, 3].map((step) => names[(index + step * 7) % CHUNKS]);
    return `    - name: combination-${index}\n      chunks: [${chunks.join(", ")}]\n`;
  });
  return {
    "dazzle.yaml": `combiner:\n  combinations:\n${combinations.join("")}`,
    "base/Dockerfile": `FROM ${shell}\nRUN mkdir -p /opt\n`,
    ...Object.fromEntries(
      names.flatMap((name) => [
        [
          `chunks/${name}/Dockerfile`,
          `ARG base\nFROM \${base}\nCOPY data /opt/${name}\nRUN echo ${name} >/opt/${name}.txt\n`,
        ],
        [`chunks/${name}/data/file`, name.repeat(1000)],
        [
          `tests/${name}.yaml`,
          `- desc: has its file\n  command: [cat, /opt/${name}.txt]\n  assert: ["stdout == '${name}\\\\n'"]\n`,
        ],
      ]),
    ),
  };
}

function table(
  title: string,
  names: readonly string[],
  rows: readonly (readonly [string, readonly number[]])[],
): string {
  const width = Math.max(...rows.map(([row]) => row.length));
  const seconds = (ms: number | undefined): string => `${((ms ?? Number.NaN) / 1000).toFixed(2)} s`.padStart(10);
  const lines = rows.map(([row, [ours = Number.NaN, theirs = Number.NaN]]) => {
    return `  ${row.padEnd(width)}  ${seconds(ours)}  ${seconds(theirs)}  ${(ours / theirs).toFixed(2)} × ${names[1]}`;
  });
  const head = `  ${"".padEnd(width)}  ${(names[0] ?? "").padStart(10)}  ${(names[1] ?? "").padStart(10)}`;
  return [title, head, ...lines, ""].join("\n");
}
