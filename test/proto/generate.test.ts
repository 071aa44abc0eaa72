import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../..");

async function textsIn(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(directory, name), "utf8")])),
  );
}

test("the generated contracts are what bin/generate-proto makes of the .proto files", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "mzbuild-proto-"));
  try {
    const script = `import { writeGenerated } from "${root}/proto/generate.mjs"; await writeGenerated(${JSON.stringify(directory)});`;
    await promisify(execFile)("node", ["--input-type=module", "-e", script]);
    expect(await textsIn(directory)).toEqual(await textsIn(path.join(root, "proto/generated")));
  } finally {
    await rm(directory, { recursive: true });
  }
});
