/** What the daemon knows a directory of this machine by. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";

/** Names a directory to the daemon, which keeps its copies of the files there by it. */
export function sharedKey(directory: string): string {
  return createHash("sha256").update(`${hostname()}\0${directory}`).digest("hex");
}
