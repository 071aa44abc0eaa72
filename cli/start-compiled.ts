/** Runs a program of dist/ that is kept compiled, as `node PROGRAM ARG…` would: `node start-compiled.cjs PROGRAM ARG…`. */
import { fileURLToPath } from "node:url";
import { checkNode } from "./check-node.ts";
import { loadCompiled } from "./compiled-program.ts";
import { keptUse } from "./kept-use.ts";

checkNode();
const [, , name = "", ...args] = process.argv;
const program = fileURLToPath(new URL(name, import.meta.url));
process.argv.splice(1, 2, program);
loadCompiled(program, keptUse(args));
