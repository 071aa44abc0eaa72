/**
 * Bills under load: the program of this repository, and what it counts.
 *
 * `mzcompose --find billing run default` writes some bills and looks at them.
 */
import { type Composition, Service } from "mzbuild/compose";

export const services = [
  Service("billing", {
    mzbuild: "billing-demo",
    command: ["--count", "5", "--seed", "7"],
  }),
  Service("prices", {
    mzbuild: "price-list",
    command: ["sleep", "infinity"],
    init: true,
    healthcheck: { test: ["CMD", "cat", "/usr/share/prices/standard.csv"], interval: "1s" },
  }),
];

/** Writes bills, and checks that they are numbered from one. */
export async function workflowDefault(c: Composition): Promise<void> {
  await c.testCase("bills are numbered", async () => {
    const { stdout } = await c.run("billing", ["--count", "3"], { capture: true });
    const numbers = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).number);
    if (numbers.join() !== "1,2,3") throw new Error(`the numbers are ${numbers.join()}`);
  });
}

/** Shows the prices; with an argument, only that of one item. */
export async function workflowShowPrices(c: Composition, [item]: string[]): Promise<void> {
  await c.up("prices");
  const { stdout } = await c.exec("prices", ["cat", "/usr/share/prices/standard.csv"], { capture: true });
  const lines = stdout.trimEnd().split("\n");
  console.log(lines.filter((line) => item === undefined || line.startsWith(`${item},`)).join("\n"));
  await c.down();
}
