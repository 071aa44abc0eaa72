import { expect, test } from "vitest";
import { buildLevels, type Lookup, planBuild } from "../../mzbuild/index.ts";
import { gitRepository, image } from "./git-repository.ts";

test("builds are in levels, each after all that it needs", async () => {
  using git = gitRepository({
    ...image("base"),
    ...image("left", { Dockerfile: "MZFROM base\n" }),
    ...image("right", { Dockerfile: "MZFROM there\n" }),
    ...image("there"),
    ...image("top", { Dockerfile: "MZFROM left AS l\nMZFROM right\nMZFROM base AS b\n" }),
  });
  const { images } = await git.open();
  const specs = new Map([...images.keys()].map((name) => [name, `r/${name}:1`]));
  const lookups = new Map<string, Lookup>([["there", { kind: "present" }]]);
  const plan = planBuild({ images, targets: ["top"], specs, lookups });
  expect(buildLevels(plan)).toEqual([["base", "right"], ["left"], ["top"]]);
});
