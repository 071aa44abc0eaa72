/** `--platform linux/amd64,linux/arm64`. */
import { formatPlatform, linux, parsePlatform } from "../../llb/index.ts";
import { UsageError } from "../usage-error.ts";

/** Each once, in order; none for the daemon's own. Throws `UsageError`. */
export function parsePlatforms(lists: readonly string[] | undefined): readonly string[] {
  const names = (lists ?? []).flatMap((list) => list.split(",")).filter((name) => name !== "");
  const platforms = names.map((name) => {
    const parsed = parsePlatform(name, linux("amd64"));
    if (parsed.kind !== "platform" || parsed.platform.os !== "linux") {
      throw new UsageError(`--platform ${name}: images are built for Linux`, "linux/amd64 and linux/arm64 are known");
    }
    return formatPlatform(parsed.platform);
  });
  return [...new Set(platforms)];
}
