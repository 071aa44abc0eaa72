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
    `import { loadCompiled } from "./loader.mjs";\nconst use = process.argv[2];\nprocess.stdout.write(loadCompiled(${JSON.stringify(program)}, use).say());\n`,
  );
  const run = (use = "any") => execFileSync(process.execPath, [loader, use], { encoding: "utf8", stdio: "pipe" });
  const kept = () => readdirSync(directory).filter((name) => name.endsWith(".v8"));

  writeFileSync(program, `module.exports = { say: () => require("node:path").basename("/a/one") };\n`);
  expect([run(), run()]).toEqual(["one", "one"]);
  const [first = ""] = kept();
  expect(kept()).toEqual([first]);
  writeFileSync(program, `module.exports = { say: () => require("node:path").basename("/a/two") };\n`);
  expect(run()).toBe("two");
  expect(kept()).toContain(first);
  expect(run("build")).toBe("two");
  expect(kept()).toHaveLength(3);
  for (const name of kept()) writeFileSync(join(directory, name), "no code");
  expect(run()).toBe("two");

  // What an early end has compiled is not what the next run needs.
  writeFileSync(program, "throw new TypeError();\n");
  expect(() => run()).toThrow();
  expect(kept()).toHaveLength(3);
});

it("the programs that are kept compiled import nothing while they run, which they couldn't", () => {
  const programs = ["mzimage", "mzimage-ask", "mzdazzle-ask", "mzdazzle-whole"].map((name) =>
    resolve(`cli/${name}.ts`),
  );
  const { metafile } = buildSync({
    entryPoints: programs,
    bundle: true,
    external: ["esbuild"],
    format: "cjs",
    platform: "node",
    define: { "import.meta.url": "here" },
    outdir: directory,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const outputs = Object.values(metafile.outputs);
  expect(outputs).toHaveLength(programs.length);
  expect(outputs.flatMap(({ imports }) => imports.filter(({ kind }) => kind !== "require-call"))).toEqual([]);
});
