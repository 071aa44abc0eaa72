import { expect, test } from "vitest";
import { repositoryId } from "../../mzbuild/index.ts";
import { gitRepository } from "./git-repository.ts";

const workspace = (...members: readonly string[]) => ({
  "Cargo.toml": `[workspace]\nmembers = ${JSON.stringify(members)}\n`,
  ...Object.fromEntries(
    members.map((name) => [`${name}/Cargo.toml`, `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2024"\n`]),
  ),
});

async function idOf(files: Readonly<Record<string, string>>): Promise<string> {
  using repository = gitRepository(files);
  return repositoryId(await repository.open());
}

test("a repository is named by what is in it: its first crate, and what its images are called", async () => {
  const id = await idOf(workspace("till"));
  expect(id).toMatch(/^till-[0-9a-f]{8}$/);
  expect(await idOf(workspace("till"))).toBe(id);
  expect(await idOf(workspace("till", "ledger"))).toBe(id);
  expect(await idOf(workspace("ledger", "till"))).not.toBe(id);
  expect(await idOf({ ...workspace("till"), "mzbuild-settings.yml": "image-prefix: shop-\n" })).not.toBe(id);
  expect(await idOf({})).toMatch(/^[0-9a-f]{8}$/);
});
