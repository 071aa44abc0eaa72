/** Where the images of a graph stand in a drawing: in columns, each right of all that it depends on. Pure. */
import type { Image } from "./image.ts";

/** `column` and `row` count from 0. */
export interface Placed {
  readonly image: Image;
  readonly column: number;
  readonly row: number;
}

/** `images` are closed under dependency and in an order with dependencies first, which the result keeps. */
export function layOut(images: readonly Image[]): readonly Placed[] {
  const columns = new Map<string, number>();
  for (const { name, dependencies } of images) {
    columns.set(
      name,
      dependencies.reduce((most, other) => Math.max(most, (columns.get(other) ?? -1) + 1), 0),
    );
  }
  const rows = new Map<string, number>();
  const count = [...columns.values()].reduce((most, column) => Math.max(most, column + 1), 0);
  for (let column = 0; column < count; column++) {
    // Beside what they are built from, so that lines are short; images without dependencies stay in their order.
    const height = ({ dependencies }: Image): number => mean(dependencies.map((name) => rows.get(name) ?? 0));
    const members = images.filter(({ name }) => columns.get(name) === column).sort((a, b) => height(a) - height(b));
    for (const [row, { name }] of members.entries()) rows.set(name, row);
  }
  return images.map((image) => ({ image, column: columns.get(image.name) ?? 0, row: rows.get(image.name) ?? 0 }));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
