/** Instructions: made from statements, their variables replaced, and those that ONBUILD keeps as text. */
export { expandInstruction } from "./expand.ts";
export { type Mount, readMount } from "./mount.ts";
export { parseTrigger } from "./trigger.ts";
