/** The platforms that a command line asks for, as variants of what is built. */
import { parsePlatform } from "../../llb/index.ts";
import { parseArchitecture, platformOf, type Variant } from "../../mzbuild/index.ts";
import { UsageError } from "../usage-error.ts";

/** For what is done for one platform at a time; `what` says so. Throws `UsageError` for several, and as {@link variantsFor}. */
export function oneVariantFor(variant: Variant, platforms: readonly string[] | undefined, what: string): Variant {
  const [first = variant, ...more] = variantsFor(variant, platforms);
  if (more.length > 0) throw new UsageError(what, "name one with --platform");
  return first;
}

/**
 * One variant for each platform of `--platform`, in order, each once; without the option just `variant`. Throws
 * `UsageError` for a platform that images of a repository can't have.
 */
export function variantsFor(variant: Variant, platforms: readonly string[] | undefined): readonly Variant[] {
  const names = (platforms ?? []).flatMap((list) => list.split(",")).filter((name) => name !== "");
  if (names.length === 0) return [variant];
  const architectures = names.map((name) => {
    const parsed = parsePlatform(name, platformOf(variant.architecture));
    if (parsed.kind !== "platform" || parsed.platform.os !== "linux") {
      throw new UsageError(`--platform ${name}: images are built for Linux`, "linux/amd64 and linux/arm64 are known");
    }
    return parseArchitecture(parsed.platform.architecture);
  });
  return [...new Set(architectures)].map((architecture) => ({ ...variant, architecture }));
}
