/**
 * Writes what dazzle writes as YAML, byte by byte as its library does: tests, which are part of hashes, and dazzle.yaml.
 * Source: gopkg.in/yaml.v3 v3.0.1 (`Marshal`, `NewEncoder`), both with an indentation of four.
 */
import type { ProjectConfig } from "./project-config.ts";
import type { TestSpec } from "./test-spec.ts";
import { writeString } from "./yaml-scalar.ts";

type TestText = Pick<TestSpec, "desc" | "skip" | "user" | "command" | "entrypoint" | "env" | "assertions">;

/** As a list; every document ends with a line feed. */
export function writeTests(tests: readonly TestText[]): string {
  return tests.length === 0 ? "[]\n" : tests.map(writeTest).join("");
}

function writeTest(test: TestText): string {
  const lines = [
    `desc: ${writeString(test.desc, "block", 4)}`,
    ...(test.skip ? ["skip: true"] : []),
    ...(test.user === "" ? [] : [`user: ${writeString(test.user, "block", 4)}`]),
    `command: ${flowList(test.command)}`,
    ...(test.entrypoint.length === 0 ? [] : [`entrypoint: ${flowList(test.entrypoint)}`]),
    ...(test.env.length === 0 ? [] : ["env:", ...blockItems(test.env, 2)]),
    ...(test.assertions.length === 0 ? ["assert: []"] : ["assert:", ...blockItems(test.assertions, 2)]),
  ];
  return lines.map((line, index) => `${index === 0 ? "- " : "  "}${line}\n`).join("");
}

function flowList(items: readonly string[]): string {
  return `[${items.map((item) => writeString(item, "flow", 8)).join(", ")}]`;
}

/** `column` is that of the line which they follow; the lines lack it. */
function blockItems(items: readonly string[], column: number): readonly string[] {
  return items.map((item) => `  - ${writeString(item, "block", column + 4)}`);
}

/** dazzle.yaml anew: comments and unknown keys are lost, as with the reference. */
export function writeProjectConfig({ combinations, envVars, ignore }: ProjectConfig): string {
  const block = (text: string, indent: number): string => writeString(text, "block", indent);
  const list = (name: string, items: readonly string[]): readonly string[] =>
    items.length === 0
      ? [`          ${name}: []`]
      : [`          ${name}:`, ...items.map((item) => `            - ${block(item, 14)}`)];
  const lines = [
    "combiner:",
    ...(combinations.length === 0 ? ["    combinations: []"] : ["    combinations:"]),
    ...combinations.flatMap(({ name, ref, chunks }) => [
      `        - name: ${block(name, 12)}`,
      ...list("ref", ref),
      ...list("chunks", chunks),
    ]),
    ...(envVars.length === 0 ? [] : ["    envvars:"]),
    ...envVars.flatMap(({ name, action }) => [
      `        - name: ${block(name, 12)}`,
      `          action: ${block(action, 12)}`,
    ]),
    ...(ignore.length === 0 ? [] : ["ignore:", ...ignore.map((line) => `    - ${block(line, 6)}`)]),
  ];
  return `${lines.join("\n")}\n`;
}
