/** `--build-arg`: arguments for all Dockerfiles of a build, on top of those that images have. */
import { isForeignBuildArg } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

/** Attributes of the build. A name alone takes the value of the environment, if there is one, as docker has it. */
export function buildArgAttributes(
  { env }: Pick<Terminal, "env">,
  texts: readonly string[] = [],
): Readonly<Record<string, string>> {
  const entries = texts.flatMap((text): readonly (readonly [string, string])[] => {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    if (name === "") throw new UsageError(`--build-arg ${text}: a name is missing`, "write NAME=VALUE, or NAME");
    const value = equals < 0 ? env[name] : text.slice(equals + 1);
    return value === undefined ? [] : [[`build-arg:${name}`, value]];
  });
  return Object.fromEntries(entries);
}

/** What gets the name of its fingerprint must be what the fingerprint says. Throws `UsageError`. */
export function checkNamedBuildArgs(texts: readonly string[] = []): void {
  const culprit = texts.find((text) => isForeignBuildArg(text.replace(/=.*/s, "")));
  if (culprit === undefined) return;
  throw new UsageError(
    `--build-arg ${culprit}: the fingerprint knows nothing of it, and the image would be named by the fingerprint`,
    "write it under build-args in mzbuild.yml, or build the image for yourself: mzimage build, mzimage run",
  );
}
