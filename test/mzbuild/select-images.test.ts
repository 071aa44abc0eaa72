import { expect, test } from "vitest";
import { selectImages } from "../../mzbuild/index.ts";
import { gitRepository, image } from "./git-repository.ts";

test("images are selected by name, by pattern, or all, each once and in order", async () => {
  using git = gitRepository({ ...image("app"), ...image("billing-api"), ...image("billing-db"), ...image("Web") });
  const { images } = await git.open();
  const select = (...names: readonly string[]) => selectImages(images, { names });
  expect(select("app", "billing-db", "app")).toEqual(["app", "billing-db"]);
  expect(select("billing-db", "billing-*")).toEqual(["billing-db", "billing-api"]);
  expect(select("[aW]*")).toEqual(["Web", "app"]);
  expect(select("a?p")).toEqual(["app"]);
  expect(selectImages(images, { names: ["app"], all: true })).toEqual(["app", "Web", "billing-api", "billing-db"]);
  expect(() => select("billing")).toThrow("unknown image: billing");
  expect(() => select("x*")).toThrow("no image matches the pattern x*");
});
