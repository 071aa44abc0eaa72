import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { why } from "../../../cli/command/why.ts";
import { gitRepository, image } from "../../mzbuild/git-repository.ts";
import { testTerminal } from "../test-terminal.ts";

/** base ← middle ← app */
function repository() {
  const git = gitRepository({
    ...image("base", { file: "1", gone: "1" }),
    ...image("middle", { Dockerfile: "MZFROM base\n" }),
    ...image("app", {
      "mzbuild.yml": "name: app\nbuild-args:\n  VERSION: 1\n  KEPT: x\n",
      Dockerfile: "MZFROM middle\n",
      "run.sh": "#!/bin/sh\n",
    }),
  });
  onTestFinished(() => git[Symbol.dispose]());
  const ask = async (name: string, flags: Partial<Parameters<typeof why>[2]> = {}) => {
    const { terminal, stdout } = testTerminal(git.root);
    await why(terminal, {}, { against: "main~1", ...flags }, name);
    return stdout();
  };
  return { git, ask };
}

test("an image that is what it was says so", async () => {
  const { ask } = repository();
  expect(await ask("app", { against: "main" })).toBe("app is what it was in main\n");
});

test("files, modes and build arguments are named, with the commits that changed them", async () => {
  const { git, ask } = repository();
  git.write({ "images/app/mzbuild.yml": "name: app\nbuild-args:\n  VERSION: 2\n  KEPT: x\n  NEW: y\n" });
  git.commit();
  const id = git.git("rev-parse", "--short", "HEAD").trim();
  chmodSync(join(git.root, "images/app/run.sh"), 0o644);
  git.write({ "images/app/new": "new" });
  expect(await ask("app")).toBe(
    `app:
    images/app/mzbuild.yml: changed (${id} A state)
        build arg NEW: not given → "y"
        build arg VERSION: "1" → "2"
    images/app/new: new (not committed)
    images/app/run.sh: was executable, is a file (not committed)
`,
  );
});

test("a change is found through all MZFROM lines that lead to it", async () => {
  const { git, ask } = repository();
  git.write({ "images/base/file": "2" });
  git.remove("images/base/gone");
  git.commit();
  const id = git.git("rev-parse", "--short", "HEAD").trim();
  expect(await ask("app")).toBe(
    `app:
    MZFROM middle: has another fingerprint
app (MZFROM middle):
    MZFROM base: has another fingerprint
app (MZFROM middle, MZFROM base):
    images/base/file: changed (${id} A state)
    images/base/gone: gone (${id} A state)
`,
  );
});

test("another profile of the settings is a difference of the variant", async () => {
  const { git, ask } = repository();
  git.write({ "mzbuild-settings.yml": "profile: release\n" });
  git.commit();
  expect(await ask("base")).toMatch(
    /^base:\n {4}variant: profile=Profile\.OPTIMIZED.* → profile=Profile\.RELEASE.*\n$/,
  );
});

test("an image, or a dependency, that is new is told as such", async () => {
  const { git, ask } = repository();
  git.write(image("fresh"));
  git.write({ "images/base/Dockerfile": "MZFROM fresh\n" });
  git.commit();
  expect(await ask("fresh")).toBe("fresh: is not in main~1\n");
  expect(await ask("base")).toMatch(/^base:\n {4}images\/base\/Dockerfile: changed .*\n {4}MZFROM fresh: new\n$/);
});

test("in JSON", async () => {
  const { git, ask } = repository();
  git.write({ "images/base/file": "2" });
  const answer = JSON.parse(await ask("middle", { against: "HEAD", json: true }));
  expect(answer).toMatchObject({ image: "middle", against: "HEAD", equal: false });
  expect(answer.images.at(-1)).toEqual({
    image: "base",
    path: ["middle", "base"],
    new: false,
    differences: [
      { kind: "content-changed", path: "images/base/file", details: [], change: { kind: "not-committed" } },
    ],
  });
});

test("a file of a crate is told with the crate", async () => {
  const { git, ask } = repository();
  git.write({
    "Cargo.toml": '[workspace]\nmembers = ["src/tool"]\n',
    "Cargo.lock": "",
    "src/tool/Cargo.toml": '[package]\nname = "mz-tool"\nversion = "1.0.0"\n',
    "src/tool/src/main.rs": "fn main() {}",
    "images/app/mzbuild.yml": "name: app\npre-image:\n  - type: cargo-build\n    bin: mz-tool\n",
  });
  git.commit();
  git.write({ "src/tool/src/main.rs": "fn main() { }" });
  expect(await ask("app", { against: "main" })).toBe(
    "app:\n    src/tool/src/main.rs: changed, of crate mz-tool (not committed)\n",
  );
});

test("a fingerprint that nobody has a record of is an error that says where was looked", async () => {
  const { ask } = repository();
  await expect(ask("app", { against: "A".repeat(32), imageRegistry: "" })).rejects.toMatchObject({
    code: "unknown-fingerprint",
    message: expect.stringContaining("no record on this machine"),
  });
});
