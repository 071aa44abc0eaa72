import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Which part may import which others. There are no other arrows. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  proto: [],
  llb: ["proto"],
  "frontend/dockerfile": ["proto", "llb"],
  client: ["proto"],
  mzbuild: ["proto", "llb", "frontend/dockerfile"],
  compose: [],
  "frontend/gateway": ["proto", "llb", "frontend/dockerfile", "client", "mzbuild"],
  cli: ["proto", "llb", "frontend/dockerfile", "frontend/gateway", "client", "mzbuild", "compose"],
};

interface Import {
  readonly file: string;
  readonly part: string;
  readonly target: string;
  readonly specifier: string;
}

function sourceFiles(part: string): string[] {
  return readdirSync(join(root, part), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(part, name));
}

function partOf(path: string): string | undefined {
  return Object.keys(arrows).find((part) => path.startsWith(`${part}/`));
}

function importsOf(file: string, part: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  // Between the keyword and the specifier stand names, braces and commas, but no code.
  const specifiers = [...text.matchAll(/^(?:(?:import|export)\b[\w\s{},*]*\bfrom|import)\s*["']([^"']+)["']/gm)].map(
    (match) => match[1]!,
  );
  const lazy = [...text.matchAll(/\bimport\(\s*["']([^"']+)["']/g)].map((match) => match[1]!);
  return (
    [...specifiers, ...lazy]
      // Whoever wants to know this program's version may read it.
      .filter((specifier) => specifier.startsWith(".") && !specifier.endsWith("/package.json"))
      .map((specifier) => ({
        file,
        part,
        specifier,
        target: relative(root, normalize(join(root, dirname(file), specifier))),
      }))
  );
}

const imports = Object.keys(arrows).flatMap((part) => sourceFiles(part).flatMap((file) => importsOf(file, part)));

describe("imports", () => {
  it("are found, so that the tests below have something to look at", () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it("go only along the arrows", () => {
    const wrong = imports.filter(({ part, target }) => {
      const to = partOf(target);
      return to === undefined || (to !== part && !arrows[part]?.includes(to));
    });
    expect(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });

  it("of another part name only what its index exports", () => {
    const deep = imports.filter(({ part, target }) => {
      const to = partOf(target);
      return to !== undefined && to !== part && target !== `${to}/index.ts`;
    });
    expect(deep.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([]);
  });
});
