/** Commands that may end without an engine. Combinations are tested by one, unless told not to be. */
export function mayOnlyAsk(args: readonly string[]): boolean {
  if (args.includes("--no-cache") || args.includes("--strict")) return false;
  const command = args.find((arg) => ["build", "combine", "rebase", "project", "test"].includes(arg));
  switch (command) {
    case "rebase":
    case "test":
      return false;
    case "combine":
      return args.includes("--no-test");
    case "project":
      // What writes files can't be begun twice.
      return !args.some((arg) => ["init", "add-combination", "ignore"].includes(arg));
    default:
      return true;
  }
}
