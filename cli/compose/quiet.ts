import { isTruthy } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";
import type { ComposeOptions } from "./command-line.ts";

/** Whether progress is not to be told of. */
export function isQuiet({ mzQuiet }: ComposeOptions, env: Terminal["env"]): boolean {
  return mzQuiet === true || isTruthy(env["MZ_QUIET"]);
}
