import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, expect, it } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "compiled-program-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it("a program runs with what was compiled for it before, and never with what was compiled for another one of its length", () => {
  const loader = join(directory, "load.mjs");
  const bundle = { bundle: true, format: "esm", platform: "node", outfile: join(directory, "loader.mjs") } as const;
  buildSync({ ...bundle, entryPoints: [resolve("cli/compiled-program.ts")] });
  const program = join(directory, "program.cjs");
  writeFileSync(
    loader,
    `import { loadCompiled } from "./loader.mjs";\nprocess.stdout.write(loadCompiled(${JSON.stringify(program)}).say());\n`,
  );
  const run = () => execFileSync(process.execPath, [loader], { encoding: "utf8" });
  const kept = () => readdirSync(directory).filter((name) => name.endsWith(".v8"));

  writeFileSync(program, `module.exports = { say: () => require("node:path").basename("/a/one") };\n`);
  expect([run(), run()]).toEqual(["one", "one"]);
  const [first = ""] = kept();
  expect(kept()).toEqual([first]);
  writeFileSync(program, `module.exports = { say: () => require("node:path").basename("/a/two") };\n`);
  expect(run()).toBe("two");
  expect(kept()).toContain(first);
  for (const name of kept()) writeFileSync(join(directory, name), "no code");
  expect(run()).toBe("two");
});
