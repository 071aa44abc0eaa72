// The page of `mzimage graph`, as a browser shows it.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type Page, chromium as playwright } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { ensure } from "../../cli/command/acquire.ts";
import { graph } from "../../cli/command/graph.ts";
import { testTerminal } from "../cli/test-terminal.ts";
import { gitRepository, image } from "../mzbuild/git-repository.ts";
import { chromium } from "./browser.ts";
import { testEngine } from "./engine.ts";
import { startRegistry, type TestRegistry, testRegistry } from "./registry.ts";

const program = chromium();
const available = program !== undefined && (await hasRegistry());

async function hasRegistry(): Promise<boolean> {
  const registry = await testRegistry();
  await registry?.close();
  return registry !== undefined;
}

describe.skipIf(!available)("the page of a repository's graph", () => {
  let browser: Browser;
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistry();
    browser = await playwright.launch({ executablePath: program ?? "", args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser.close();
    await registry.close();
  });

  /** base ← app ← user; tool stands alone. app and base are pushed, user and tool are not. */
  async function opened(): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
    const git = gitRepository({
      ...image("base", { Dockerfile: "FROM scratch\nCOPY data /data\n", data: "x".repeat(5000) + crypto.randomUUID() }),
      ...image("app", { Dockerfile: "MZFROM base\nCOPY app /app\n", app: "the app" }),
      ...image("user", { Dockerfile: "MZFROM app\n" }),
      ...image("tool-with-a-name-that-is-longer-than-its-box", {
        "mzbuild.yml": "name: tool-with-a-name-that-is-longer-than-its-box\npublish: false\ndescription: <b>&\n",
      }),
      "mzbuild-settings.yml": `registry: ${registry.host}/${crypto.randomUUID()}\n`,
    });
    onTestFinished(() => git[Symbol.dispose]());
    const flags = { buildkit: (await testEngine()).address, progress: "plain" };
    await ensure(testTerminal(git.root).terminal, {}, flags, ["app"]);
    const html = join(git.root, "../graph.html");
    await graph(testTerminal(git.root).terminal, {}, { ...flags, html, lookUp: true }, []);
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    onTestFinished(() => page.close());
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(html).href);
    return { page, complaints };
  }

  test("shows images, edges, states, sizes and times, and needs nothing but itself", async () => {
    const { page, complaints } = await opened();
    expect(await page.locator("svg g").count()).toBe(4);
    expect(await page.locator("svg path").count()).toBe(2);
    expect(await page.locator("svg g.reuse").count()).toBe(2);
    expect(await page.locator("svg g.build").count()).toBe(2);
    const cells = await page.locator('tr[data-image="base"] td').allInnerTexts();
    expect(cells).toContainEqual(expect.stringMatching(/^\d+(?:\.\d\d)?k?B$/));
    expect(cells).toContainEqual(expect.stringMatching(/^\d+\.\ds$/));
    expect(cells).toContain("reuse: the registry has it");
    expect(complaints).toEqual([]);
  });

  test("has every name within its box, and boxes and lines where they can be seen", async () => {
    const { page } = await opened();
    const overflow: number = await page.evaluate(OVERFLOWING);
    expect(overflow).toBe(0);
    expect(await page.evaluate(`getComputedStyle(document.querySelector("svg path")).stroke`)).toMatch(/^rgb/);
  });

  test("leaves bright, under the pointer, what an image is built from and what is built from it", async () => {
    const { page } = await opened();
    const opacity = (name: string): Promise<unknown> =>
      page.evaluate(`Number(getComputedStyle(document.querySelector('svg g[data-image="${name}"]')).opacity)`);
    await page.locator('svg g[data-image="app"]').hover();
    const names = ["base", "app", "user", "tool-with-a-name-that-is-longer-than-its-box"];
    expect(await Promise.all(names.map(opacity))).toEqual([1, 1, 1, 0.2]);
    await page.locator("h1").hover();
    expect(await opacity(names[3] ?? "")).toBe(1);
  });
});

/** In the page: the number of boxes whose name leaves them. */
const OVERFLOWING = `[...document.querySelectorAll("svg g")].filter((group) => {
  const [box, text] = ["rect", "text"].map((name) => group.querySelector(name).getBoundingClientRect());
  return text.right > box.right || text.left < box.left;
}).length`;
