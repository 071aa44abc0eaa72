/** The tables of test/testdata/dockerfile: settings, and lines of an input and what the reference makes of it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface TableRow {
  /** What the lines above have set, by name. */
  readonly settings: ReadonlyMap<string, readonly string[]>;
  readonly input: string;
  readonly answer: Readonly<Record<string, unknown>>;
}

export function testdata(path: string): string {
  return fileURLToPath(new URL(`../../testdata/${path}`, import.meta.url));
}

export function readTable(name: string): readonly TableRow[] {
  const settings = new Map<string, readonly string[]>();
  const rows: TableRow[] = [];
  for (const line of readFileSync(testdata(`dockerfile/${name}`), "utf8").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const setting = /^([a-z]+): (.*)$/.exec(line);
    if (setting !== null) {
      settings.set(setting[1]!, JSON.parse(setting[2]!));
      continue;
    }
    const [input, answer] = line.split("\t");
    rows.push({ settings: new Map(settings), input: JSON.parse(input!), answer: JSON.parse(answer!) });
  }
  return rows;
}
