/** `mzdazzle completion`: what a shell evaluates to complete commands, options, chunks and combinations. */
import type { Command } from "commander";
import { type CompletionModel, type CompletionOption, completionModel } from "../../completion/completion-model.ts";
import { writeCompletion } from "../../completion/write-completion.ts";
import type { Terminal } from "../../terminal.ts";

/** Throws `UsageError` for a shell that has none. */
export function completion(terminal: Terminal, program: Command, shell: string): void {
  writeCompletion(terminal, shell, (shellNames) => dazzleModel(program, shellNames));
}

function dazzleModel(program: Command, shellNames: readonly string[]): CompletionModel {
  const { commands, ...model } = completionModel(program, { completion: shellNames });
  return {
    ...model,
    listing: "project list",
    names: "chunk",
    selecting: ["--context"],
    commands: commands.map((command) => {
      const inner = program.commands.find((candidate) => candidate.name() === command.name)?.commands ?? [];
      const options = [...command.options, ...inner.flatMap((child) => completionModel(child).options)];
      return { ...command, options: options.map(withListing), takesImages: command.name === "project" };
    }),
  };
}

function withListing(option: CompletionOption): CompletionOption {
  return option.long === "--combination" ? { ...option, listing: "project list --combinations" } : option;
}
