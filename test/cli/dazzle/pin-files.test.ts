import { expect, it } from "vitest";
import { pinned } from "../../../cli/dazzle/combine/pin-files.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

it.each([
  ["FROM host:5000/ws:full\n", `FROM host:5000/ws:full@${digest("a")}\n`],
  [`FROM host:5000/ws:full@${digest("b")} AS x\n`, `FROM host:5000/ws:full@${digest("a")} AS x\n`],
  ["FROM host:5000/ws:full-more\n", "FROM host:5000/ws:full-more\n"],
  ["FROM other.host:5000/ws:full\n", "FROM other.host:5000/ws:full\n"],
  ["FROM host:5000/ws:full\nCOPY --from=host:5000/ws:full a b", null],
])("of %j, references to the combination get its digest", (text, wanted) => {
  const name = `host:5000/ws:full@${digest("a")}`;
  expect(pinned(text, "host:5000/ws", new Map([["full", digest("a")]]))).toBe(
    wanted ?? `FROM ${name}\nCOPY --from=${name} a b`,
  );
});
