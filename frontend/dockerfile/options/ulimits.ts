/**
 * `ulimit`: limits of every RUN, `nofile=1024:2048,core=-1`.
 * Contract: docker/go-units v0.5.0: ulimit.go (`ParseUlimit`); messages as there.
 */
import { BuildError, type Ulimit } from "../../../llb/index.ts";
import { csvFields } from "../text/csv.ts";
import { parseInteger } from "../text/number.ts";

const TYPES = new Set(
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(" "),
);

/** Throws `BuildError` "bad-option". */
export function parseUlimits(text: string): Ulimit[] {
  return text === "" ? [] : csvFields(text).map(parseUlimit);
}

function parseUlimit(text: string): Ulimit {
  const equals = text.indexOf("=");
  if (equals < 0) throw bad(`invalid ulimit argument: ${text}`);
  const name = text.slice(0, equals);
  if (!TYPES.has(name)) throw bad(`invalid ulimit type: ${name}`);
  const values = text.slice(equals + 1);
  const [softText = "", hardText, ...more] = values.split(":");
  if (more.length > 0) {
    throw bad(`too many limit value arguments - ${values}, can only have up to two, \`soft[:hard]\``);
  }
  const hard = hardText === undefined ? undefined : limit(hardText);
  const soft = limit(softText);
  const top = hard ?? soft;
  if (top !== -1 && (soft === -1 || soft > top)) {
    const found = soft === -1 ? `soft: -1 (unlimited), hard: ${top}` : `${soft} > ${top}`;
    throw bad(`ulimit soft limit must be less than or equal to hard limit: ${found}`);
  }
  return { name, soft, hard: top };
}

function limit(text: string): number {
  const parsed = parseInteger(text);
  if (parsed.kind === "invalid") throw bad(parsed.message);
  return Number(parsed.value);
}

function bad(message: string): BuildError {
  return new BuildError("bad-option", message);
}
