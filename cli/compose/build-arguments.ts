/** The arguments of `build` that builds of ours know. Pure. */

export interface BuildArguments {
  /** All services if empty. */
  readonly services: readonly string[];
  /** Attributes of the frontend that go before those of the build section. */
  readonly attrs: Readonly<Record<string, string>>;
}

/** Undefined where there are others, which are Compose's. */
export function buildArguments(args: readonly string[]): BuildArguments | undefined {
  const services: string[] = [];
  const attrs: Record<string, string> = {};
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--no-cache") attrs["no-cache"] = "";
    else if (arg === "--pull") attrs["image-resolve-mode"] = "pull";
    else if (arg === "--build-arg" || arg.startsWith("--build-arg=")) {
      const text = arg === "--build-arg" ? (args[++index] ?? "") : arg.slice("--build-arg=".length);
      const equals = text.indexOf("=");
      // One without a value is taken from the environment, which is Compose's to do.
      if (equals === -1) return undefined;
      attrs[`build-arg:${text.slice(0, equals)}`] = text.slice(equals + 1);
    } else if (arg.startsWith("-")) return undefined;
    else services.push(arg);
  }
  return { services, attrs };
}
