/** Commands that build need ten times the code of those that say what there is: what V8 compiled is kept for each. */
const COMMANDS: ReadonlySet<string> = new Set([
  ...["acquire", "build", "ensure", "publish", "run"],
  ...["check", "graph", "plan", "why"],
  ...["combine", "rebase", "test"],
  ...["config", "up"],
]);

/** A word for `loadCompiled`. An argument that is called like a command costs some milliseconds, and no more. */
export function keptUse(args: readonly string[]): string {
  return args.find((arg) => COMMANDS.has(arg)) ?? "any";
}
