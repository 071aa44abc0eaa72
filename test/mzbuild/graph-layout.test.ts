import { expect, test } from "vitest";
import { layOut } from "../../mzbuild/index.ts";
import { gitRepository, image } from "./git-repository.ts";

test("every image stands right of all that it depends on, and on no other", async () => {
  const chain = Array.from({ length: 6 }, (_, index) =>
    image(`i${index}`, {
      Dockerfile: index < 2 ? "FROM scratch\n" : `MZFROM i${index - 1}\nMZFROM i${index - 2} AS x\n`,
    }),
  );
  using git = gitRepository(Object.assign({}, ...chain, image("alone")));
  const { images } = await git.open();
  const repository = await git.open();
  const placed = layOut(repository.resolve(images.keys()));
  const columns = new Map(placed.map(({ image: { name }, column }) => [name, column]));
  for (const {
    image: { dependencies },
    column,
  } of placed) {
    for (const name of dependencies) expect(columns.get(name)).toBeLessThan(column);
  }
  expect(columns.get("i5")).toBe(4);
  expect(new Set(placed.map(({ column, row }) => `${column} ${row}`)).size).toBe(placed.length);
});
