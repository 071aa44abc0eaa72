/** `mzimage completion`: what a shell evaluates to complete commands, options and names of images. */
import type { Command } from "commander";
import { completionModel } from "../completion/completion-model.ts";
import { writeCompletion } from "../completion/write-completion.ts";
import type { Terminal } from "../terminal.ts";

/** Throws `UsageError` for a shell that has none. */
export function completion(terminal: Pick<Terminal, "stdout">, program: Command, shell: string): void {
  writeCompletion(terminal, shell, (shellNames) => completionModel(program, { completion: shellNames }));
}
