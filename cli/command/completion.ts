/** `mzimage completion`: what a shell evaluates to complete commands, options and names of images. */
import type { Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { type CompletionModel, completionModel } from "../completion/completion-model.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

const shells: Readonly<Record<string, (model: CompletionModel) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Throws `UsageError` for a shell that has none. */
export function completion({ stdout }: Pick<Terminal, "stdout">, program: Command, shell: string): void {
  const write = Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  const names = Object.keys(shells);
  if (write === undefined)
    throw new UsageError(`there is no completion for ${shell}`, `choose among ${names.join(", ")}`);
  stdout.write(write(completionModel(program, { completion: names })));
}
