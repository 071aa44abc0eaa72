/** Prints what a shell evaluates to complete the words of a program. */
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { bashCompletion } from "./bash.ts";
import type { CompletionModel } from "./completion-model.ts";
import { fishCompletion } from "./fish.ts";
import { zshCompletion } from "./zsh.ts";

const SHELLS: Readonly<Record<string, (model: CompletionModel) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `modelOf` is given the names of the shells, which are words to complete as well. Throws `UsageError` for a shell that has none. */
export function writeCompletion(
  { stdout }: Pick<Terminal, "stdout">,
  shell: string,
  modelOf: (shellNames: readonly string[]) => CompletionModel,
): void {
  const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  const names = Object.keys(SHELLS);
  if (write === undefined) {
    throw new UsageError(`there is no completion for ${shell}`, `choose among ${names.join(", ")}`);
  }
  stdout.write(write(modelOf(names)));
}
