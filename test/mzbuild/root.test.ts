import { describe, expect, it } from "vitest";
import { findRoot, rootProbe } from "../../mzbuild/index.ts";
import { rejectionOf } from "./errors.ts";
import { type GitRepository, gitRepository } from "./git-repository.ts";

const files = { "project/mzbuild-settings.yml": "", "project/deep/er/x": "", "plain/x": "" };
const find = (repository: GitRepository, cwd: string, env: Record<string, string> = {}, option?: string) =>
  findRoot({ cwd: `${repository.root}/${cwd}`, env, option }, rootProbe(repository.env)).then(({ path, foundBy }) => [
    path.replace(repository.root, "ROOT"),
    foundBy,
  ]);

describe("the root", () => {
  it("is what --root names, else MZ_ROOT, else the nearest directory with settings, else git's top", async () => {
    using repository = gitRepository(files);
    const env = { MZ_ROOT: `${repository.root}/plain` };
    expect(await find(repository, "project/deep", env, "er")).toEqual(["ROOT/project/deep/er", "--root"]);
    expect(await find(repository, "project/deep", env)).toEqual(["ROOT/plain", "MZ_ROOT"]);
    expect(await find(repository, "project/deep/er")).toEqual(["ROOT/project", "settings"]);
    expect(await find(repository, "plain", { MZ_ROOT: "" })).toEqual(["ROOT", "git"]);
  });

  it("cannot be a directory that is not there", async () => {
    using repository = gitRepository(files);
    const error = await rejectionOf(find(repository, "plain", {}, "nope"));
    expect([error.code, error.message]).toEqual([
      "bad-root",
      expect.stringMatching(/^--root names .*nope, which is no directory$/),
    ]);
    expect((await rejectionOf(find(repository, "plain", { MZ_ROOT: "x" }))).message).toMatch(/^MZ_ROOT names/);
  });

  it("is nowhere outside of everything", async () => {
    const question = { cwd: "/", env: {}, option: undefined };
    const probe = { exists: async () => false, isDirectory: async () => true, gitTopLevel: async () => undefined };
    expect((await rejectionOf(findRoot(question, probe))).code).toBe("no-root");
  });
});
