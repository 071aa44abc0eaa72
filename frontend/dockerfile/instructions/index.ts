/** Instructions: made from statements, their variables replaced, and those that ONBUILD keeps as text. */
export { descriptionOf } from "./context.ts";
export { expandInstruction } from "./expand.ts";
export { findBeforeReading, findInInstruction } from "./findings.ts";
export { type CacheSharing, type Expander, type Mount, type MountType, readMount } from "./mount.ts";
export { readInstruction } from "./read-instruction.ts";
export { parseTrigger } from "./trigger.ts";
