/** When an image is said to have been made. */
import type { Terminal } from "../../terminal.ts";
import { UsageError } from "../../usage-error.ts";

/** Now, or SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/). RFC 3339. Throws `UsageError`. */
export function createdNow({ env, now }: Terminal): string {
  const epoch = env["SOURCE_DATE_EPOCH"];
  if (epoch === undefined || epoch === "") return goTime(new Date(now()));
  if (!/^\d{1,12}$/.test(epoch)) throw new UsageError(`SOURCE_DATE_EPOCH=${epoch} is no number of seconds`);
  return goTime(new Date(Number(epoch) * 1000));
}

/** Without zeros at the end of the fraction, as Go writes it. */
function goTime(time: Date): string {
  return time.toISOString().replace(/\.?0*Z$/, "Z");
}
