/**
 * All of mzdazzle that needs an engine, or more of mzbuild than a command does that only asks the registry. It is loaded when it is
 * needed, and is no part of the small program that `mzdazzle` starts as.
 */
export { givenBy } from "../build/given.ts";
export { connectEngine } from "../engine-host.ts";
export { buildChunk, testExisting } from "./build/build-chunk.ts";
export { buildAndPush } from "./build/solve-image.ts";
export { combineWithEngine } from "./combine/combine-with-engine.ts";
export { rebase } from "./command/rebase.ts";
export { testAdd, testRun } from "./command/test.ts";
export { ensureImages } from "./ensure-images.ts";
export { mzfromBase } from "./mzfrom-base.ts";

/** Of this module. */
export type EngineSide = typeof import("./engine-side.ts");
export type LoadEngineSide = () => Promise<EngineSide>;
