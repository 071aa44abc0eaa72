/** `mzcompose completion`: what a shell evaluates to complete commands, options, services and workflows. */
import type { CompletionModel } from "../completion/completion-model.ts";
import { writeCompletion } from "../completion/write-completion.ts";
import type { Terminal } from "../terminal.ts";
import { OPTION_NAMES, takesValue } from "./command-line.ts";
import { composeCommand, composeCommandNames } from "./compose-commands.ts";

const OWN: readonly (readonly [name: string, description: string])[] = [
  ["completion", "print what a shell completes"],
  ["describe", "show services and workflows"],
  ["description", "print what the composition is for"],
  ["gen-shortcuts", "write a script into the directory of every composition"],
  ["help", "show help"],
  ["list-compositions", "list compositions"],
  ["list-workflows", "list workflows"],
  ["man", "print the manual page"],
  ["web", "open a service in a browser"],
];

/** The exit code. Throws `UsageError` for a shell that has none. */
export function composeCompletion(terminal: Terminal, shell: string): number {
  writeCompletion(terminal, shell, model);
  return 0;
}

function model(shellNames: readonly string[]): CompletionModel {
  const command = (name: string, description: string, takesNames: boolean, words: readonly string[] = []) => ({
    name,
    description,
    options: [],
    words,
    takesImages: takesNames,
  });
  return {
    program: "mzcompose",
    listing: "list-names",
    names: "name",
    selecting: ["-C", "--root", "--find", "-f", "--file", "--project-directory"],
    options: OPTION_NAMES.filter((name) => name.startsWith("--")).map((long) => ({
      long,
      description: long.slice(2).replaceAll("-", " "),
      takesValue: takesValue(long),
      ...(long === "--find" ? { listing: "list-composition-names" } : {}),
    })),
    commands: [
      ...composeCommandNames().map((name) => command(name, composeCommand(name)?.description ?? "", true)),
      ...OWN.map(([name, text]) => command(name, text, name === "web", name === "completion" ? shellNames : [])),
    ],
  };
}
