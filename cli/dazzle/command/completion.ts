/** `mzdazzle completion`: what a shell evaluates to complete commands, options, chunks and combinations. */
import type { Command } from "commander";
import { bashCompletion } from "../../completion/bash.ts";
import { type CompletionModel, type CompletionOption, completionModel } from "../../completion/completion-model.ts";
import { fishCompletion } from "../../completion/fish.ts";
import { zshCompletion } from "../../completion/zsh.ts";
import type { Terminal } from "../../terminal.ts";
import { UsageError } from "../../usage-error.ts";

const shells: Readonly<Record<string, (model: CompletionModel) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Throws `UsageError` for a shell that has none. */
export function completion({ stdout }: Terminal, program: Command, shell: string): void {
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  const names = Object.keys(shells);
  if (write === undefined) {
    throw new UsageError(`there is no completion for ${shell}`, `choose among ${names.join(", ")}`);
  }
  stdout.write(write(dazzleModel(program, names)));
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
