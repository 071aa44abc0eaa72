import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type GraphFlags, graph } from "../../../cli/command/graph.ts";
import { gitRepository, image } from "../../mzbuild/git-repository.ts";
import { testTerminal } from "../test-terminal.ts";

/** base ← app ← user, tool ← user; names can't need escaping, paths can. */
function repository() {
  const git = gitRepository({
    ...image("base"),
    ...image("app", { Dockerfile: "MZFROM base\n" }),
    'odd/<"&>/mzbuild.yml': "name: tool\npublish: false\n",
    'odd/<"&>/Dockerfile': "FROM scratch\n",
    ...image("user", { Dockerfile: "MZFROM tool\nMZFROM app AS a\n" }),
    "mzbuild-settings.yml": "builder: base\n",
  });
  onTestFinished(() => git[Symbol.dispose]());
  const draw = async (flags: GraphFlags = {}, ...names: readonly string[]) => {
    const { terminal, stdout } = testTerminal(git.root);
    await graph(terminal, {}, flags, names);
    return stdout();
  };
  return { git, draw };
}

test("as text, a line an image, dependencies first", async () => {
  const { draw } = repository();
  expect(await draw()).toBe("base\napp: base\ntool\nuser: app tool\n");
  expect(await draw({}, "app")).toBe("base\napp: base\n");
  expect(await draw({ lookUp: true }, "app")).toBe("build  base\nbuild  app: base\n");
});

test("for Graphviz, with an edge for each dependency", async () => {
  const { draw } = repository();
  const dot = await draw({ dot: true });
  expect(dot).toMatch(/^digraph "work tree" \{\n/);
  expect(dot.match(/^ {2}".*" -> ".*";$/gm)).toEqual([
    '  "base" -> "app";',
    '  "app" -> "user";',
    '  "tool" -> "user";',
  ]);
  expect(dot).toContain('tooltip="odd/<\\"&>');
});

test("as a page with every image, edge, fingerprint and state, well-formed whatever directories are called", async () => {
  const { git, draw } = repository();
  expect(await draw({ html: "../graph.html", lookUp: true })).toBe("");
  const page = readFileSync(join(git.root, "../graph.html"), "utf8");
  const entries: readonly { name: string; fingerprint: string }[] = JSON.parse(await draw({ json: true }));
  for (const { name, fingerprint } of entries) {
    expect(page).toContain(`<g class="build${name === "tool" ? " local" : ""}" data-image="${name}"`);
    expect(page).toContain(`<code>${fingerprint}</code>`);
  }
  expect([...page.matchAll(/data-from="(\w+)" data-to="(\w+)"/g)].map(([, from, to]) => [from, to])).toEqual([
    ["base", "app"],
    ["app", "user"],
    ["tool", "user"],
  ]);
  expect(page).toContain("<td>odd/&lt;&quot;&amp;&gt;</td>");
  expect(unbalanced(page)).toEqual([]);
  expect(page.match(/\b(?:src|href)=|https?:(?!\/\/www\.w3\.org\/2000\/svg)|@import|url\(/g)).toBeNull();
});

/** Tags that are opened and not closed, or the other way round. */
function unbalanced(page: string): readonly string[] {
  const markup = page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
  const open: string[] = [];
  for (const [, slash, name = "", attributes = ""] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|[^">])*)>/g)) {
    if (name === "meta" || attributes.endsWith("/")) continue;
    if (slash === "") open.push(name);
    else if (open.pop() !== name) return [...open, `/${name}`];
  }
  return open;
}
