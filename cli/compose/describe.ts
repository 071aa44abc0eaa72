/** What there is to say about a composition. docs/format.md, "Commands". */

import { readFileSync } from "node:fs";
import { sortedByCodePoint } from "../../mzbuild/index.ts";
import { describeFile } from "./documentation.ts";
import type { ComposeProject } from "./project.ts";

export async function listWorkflows(project: ComposeProject): Promise<number> {
  const { data } = await project.loaded();
  print(project, sortedByCodePoint(data.workflows.map(({ name }) => name)));
  return 0;
}

/** Workflows and services, for shells that complete them. */
export async function listNames(project: ComposeProject): Promise<number> {
  const { data } = await project.loaded();
  print(project, sortedByCodePoint([...data.workflows, ...data.services].map(({ name }) => name)));
  return 0;
}

export async function printDescription(project: ComposeProject): Promise<number> {
  const description = await descriptionOf(project);
  print(project, description === undefined ? [] : [description]);
  return 0;
}

export async function describe(project: ComposeProject): Promise<number> {
  const { data } = await project.loaded();
  const description = await descriptionOf(project);
  const workflows = data.workflows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const width = Math.min(Math.max(0, ...workflows.map(({ name }) => name.length)), WIDEST_NAME);
  print(project, [
    ...(description === undefined ? [] : ["Description:", description, ""]),
    "Services:",
    ...sortedByCodePoint(data.services.map(({ name }) => name)).map((name) => `    ${name}`),
    "",
    "Workflows:",
    ...workflows.flatMap(({ name, description }) => workflowLines(name, description ?? "", width)),
    "",
    "For help on a workflow, run:",
    "",
    "    $ mzcompose run WORKFLOW --help",
    "",
    "For all commands, run: mzcompose --help",
  ]);
  return 0;
}

const WIDEST_NAME = 16;

function workflowLines(name: string, description: string, width: number): readonly string[] {
  const [first = "", ...more] = description.split("\n");
  const indent = " ".repeat(4 + width + 4);
  const rest = more.map((line) => (line === "" ? "" : indent + line));
  if (name.length <= width || description === "") return [`    ${name.padEnd(width)}    ${first}`.trimEnd(), ...rest];
  return [`    ${name}`, `${indent}${first}`, ...rest];
}

/** What its program says, else what stands at the head of its file. */
async function descriptionOf(project: ComposeProject): Promise<string | undefined> {
  const { data } = await project.loaded();
  const { form, file } = project.context.place;
  return data.description ?? describeFile(form, readFileSync(file, "utf8"));
}

function print({ context }: ComposeProject, lines: readonly string[]): void {
  context.terminal.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
