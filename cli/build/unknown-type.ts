/** Which exporters and caches there are is the daemon's to know; what it says of a wrong `type=` is told as a fault of the command line. */
import { UsageError } from "../usage-error.ts";

/** `message` is a failure of the daemon's. Source: moby/buildkit v0.33.0: worker/base/worker.go, control/control.go. */
export function unknownType(message: string): UsageError | undefined {
  const [, exporter] = /exporter "([^"]*)" could not be found/.exec(message) ?? [];
  if (exporter !== undefined) {
    return new UsageError(`--output: the engine has no exporter "${exporter}"`, `choose among ${EXPORTERS}`);
  }
  // Of caches to import from, the daemon only says in the progress that it doesn't know one.
  const [, cache] = /unknown cache exporter: "([^"]*)"/.exec(message) ?? [];
  if (cache === undefined) return undefined;
  return new UsageError(`--cache-to: the engine has no cache of type "${cache}"`, `choose among ${CACHES}`);
}

const EXPORTERS = "local, tar, oci, docker, image, registry";
const CACHES = "registry, inline, local, gha, s3, azblob";
