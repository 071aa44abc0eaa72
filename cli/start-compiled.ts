/** Runs a program of dist/ that is kept compiled, as `node PROGRAM ARG…` would: `node start-compiled.cjs PROGRAM ARG…`. */
import { fileURLToPath } from "node:url";
import { loadCompiled } from "./compiled-program.ts";
import { keptUse } from "./kept-use.ts";

const [program = ""] = process.argv.splice(2, 1);
loadCompiled(fileURLToPath(new URL(program, import.meta.url)), keptUse(process.argv.slice(2)));
