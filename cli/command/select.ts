import type { SelectionFlags } from "../option-values.ts";
import { UsageError } from "../usage-error.ts";

/** Throws `UsageError` where neither a name nor `--all` says which images are meant. */
export function checkSelection(names: readonly string[], { all }: SelectionFlags): void {
  if (names.length === 0 && !all) throw new UsageError("no image is named", "name images, or take all of them: --all");
}
