/** Vertices that run a script of ours in the builder. */
import {
  bindMount,
  type Mount,
  mkfile,
  type SecretEnv,
  type SourceLocation,
  type State,
  scratch,
} from "../../../llb/index.ts";
import { SCRIPTS } from "./layout.ts";

export interface ScriptOptions {
  readonly name: string;
  /** What it is done for. */
  readonly at: readonly SourceLocation[];
  /** Where the script leaves the tree that is the result. */
  readonly output: string;
  readonly mounts: readonly Mount[];
  readonly network?: "none";
  readonly secretEnv?: readonly SecretEnv[];
}

/** What the script leaves at `output`. */
export function runScript(builder: State, script: string, { output, mounts, ...options }: ScriptOptions): State {
  const run = builder.run(scriptCommand, {
    ...options,
    mounts: [scriptMount(script), bindMount(output, scratch(), { writable: true }), ...mounts],
  });
  return run.mount(output);
}

/** The script is a file rather than an argument, which the kernel limits to 128 KiB. */
export function scriptMount(script: string): Mount {
  return bindMount(SCRIPTS, scratch().file([mkfile("/run", 0o644, script)], { name: "[cargo] load script" }));
}

/** Runs the script of {@link scriptMount}. */
export const scriptCommand = ["/bin/sh", `${SCRIPTS}/run`] as const;
