import { expect, onTestFinished, test } from "vitest";
import { plan } from "../../../cli/command/plan.ts";
import { gitRepository, image } from "../../mzbuild/git-repository.ts";
import { testTerminal } from "../test-terminal.ts";

function repository() {
  const git = gitRepository({
    ...image("base"),
    ...image("app", { Dockerfile: "MZFROM base\n", file: "1" }),
    ...image("tool", { "mzbuild.yml": "name: tool\npublish: false\n" }),
    ...image("user", { Dockerfile: "MZFROM tool\nMZFROM app AS a\n" }),
    "mzbuild-settings.yml": "registry: registry.example/images\n",
  });
  onTestFinished(() => git[Symbol.dispose]());
  const ask = async (names: readonly string[], flags: Parameters<typeof plan>[2] = {}) => {
    const { terminal, stdout } = testTerminal(git.root);
    await plan(terminal, {}, flags, names);
    return stdout();
  };
  return { git, ask };
}

test("what has changed since a commit is built with what that needs, the rest reused; no engine is asked", async () => {
  const { git, ask } = repository();
  expect(await ask([], { since: "HEAD" })).toBe("nothing to do\n");
  git.write({ "images/app/file": "2" });
  expect(await ask([], { since: "HEAD" })).toBe(
    "reuse  base  unchanged since HEAD\n" +
      "build  app   changed since HEAD\n" +
      "build  tool  it is never published\n" +
      "build  user  changed since HEAD\n",
  );
  expect(await ask(["base", "tool"], { since: "HEAD" })).toBe("nothing to do\n");
});

test("a plan is for the platform that is named, and for one alone", async () => {
  const { git, ask } = repository();
  git.write({ "mzbuild-settings.yml": "profile: release\n" });
  const specOf = async (platform: readonly string[]) =>
    JSON.parse(await ask(["base"], { json: true, platform })).images.map(({ spec }: { spec: string }) => spec);
  expect(await specOf(["linux/arm64"])).not.toEqual(await specOf(["linux/amd64"]));
  await expect(ask(["base"], { platform: ["linux/amd64,linux/arm64"] })).rejects.toThrow("for one platform");
  await expect(ask(["base"], { platform: ["windows/amd64"] })).rejects.toThrow("--platform windows/amd64");
});

test("in JSON, with the levels of a CI system's matrix", async () => {
  const { git, ask } = repository();
  git.write(image("new"));
  git.write({ "images/app/file": "2" });
  const { images, levels } = JSON.parse(await ask([], { since: "HEAD", json: true }));
  expect(levels).toEqual([["app", "new", "tool"], ["user"]]);
  expect(images.find(({ name }: { name: string }) => name === "app")).toEqual({
    name: "app",
    path: "images/app",
    action: "build",
    reason: "changed since HEAD",
    spec: expect.stringMatching(/^registry\.example\/images\/app:mzbuild-[A-Z2-7]{32}$/),
    neededBy: ["user"],
  });
});

test("where images have no registry, all is built and no engine is asked", async () => {
  const { git, ask } = repository();
  git.write({ "mzbuild-settings.yml": "builder: base\n" });
  expect(await ask(["app"])).toBe("build  base  no registry is set\nbuild  app   no registry is set\n");
});

test("no engine is asked for images that no registry has ever", async () => {
  const { ask } = repository();
  expect(await ask(["tool"])).toBe("build  tool  it is never published\n");
});
