/** Ids for sessions, solves, containers and processes, which only have to differ from all others that a daemon sees. */

import { randomBytes } from "node:crypto";

/** 128 random bits in hexadecimal. */
export function randomId(): string {
  return randomBytes(16).toString("hex");
}
