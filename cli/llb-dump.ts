/**
 * `llb-dump --case DIR` and `llb-dump --batch`: what our Dockerfile frontend hands to the solver for a conformance case.
 * The protocol is described in test/testdata/conformance/README.md.
 */
import { createInterface } from "node:readline";
import { dumpCase } from "./llb-dump/dump-case.ts";

async function main([mode, folder]: readonly string[]): Promise<void> {
  if (mode === "--case" && folder !== undefined) {
    await print(folder);
  } else if (mode === "--batch") {
    for await (const line of createInterface({ input: process.stdin })) await print(line);
  } else {
    process.stderr.write("usage: llb-dump --case DIR | llb-dump --batch\n");
    process.exitCode = 2;
  }
}

/** Waits until the answer is out, so that a reader of the other side gets each one at once. */
async function print(directory: string): Promise<void> {
  const answer = JSON.stringify(await dumpCase(directory));
  await new Promise<void>((written) => process.stdout.write(`${answer}\n`, () => written()));
}

// Not awaited, which the CommonJS file that becomes of this can't do.
void main(process.argv.slice(2));
