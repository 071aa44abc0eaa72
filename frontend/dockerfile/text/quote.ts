/** Texts in messages as Go's `%q` writes them; it lives with the other messages of the original. */
export { quote } from "../../../llb/index.ts";
