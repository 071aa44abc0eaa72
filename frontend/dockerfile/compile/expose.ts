/**
 * EXPOSE: ports as `8080`, `8000-8010/udp`, and, with a warning, as `docker run -p` takes them.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert_expose.go; messages as there.
 */
import { isIP } from "node:net";
import { BuildError } from "../../../llb/index.ts";
import type { ExposeInstruction } from "../instruction.ts";
import { messages } from "../lint/rules.ts";
import { processWords } from "../shell/lex.ts";
import { parseInteger } from "../text/number.ts";
import { quote } from "../text/quote.ts";
import { toLower } from "../text/unicode.ts";
import { addHistory, type Scope } from "./instruction-scope.ts";

const PROTOCOLS = new Set(["tcp", "udp", "sctp"]);
const LARGEST_PORT = 65_535n;

export function compileExpose(scope: Scope, instruction: ExposeInstruction): void {
  const { session, stage } = scope;
  const words = instruction.ports.flatMap(({ text }) => processWords(text, stage.work.env.variables, session.lex));
  const ports = words.flatMap((word) => readPort(scope, word));
  for (const port of ports) stage.work.image.exposedPorts.add(port);
  addHistory(scope, `EXPOSE [${ports.join(" ")}]`);
}

/** `port/protocol` for each port of a range. */
function readPort(scope: Scope, text: string): string[] {
  const { ip, host, container } = splitParts(text);
  const slash = container.indexOf("/");
  const range = slash < 0 ? container : container.slice(0, slash);
  const written = slash < 0 ? "" : container.slice(slash + 1);
  const protocol = toLower(written) || "tcp";
  if (range === "") throw bad(`invalid port: ${quote(text)}: no port specified`);
  if (!PROTOCOLS.has(protocol)) throw bad(`invalid port: ${quote(text)}: invalid proto: ${written}`);
  if (written !== toLower(written)) report(scope, "ExposeProtoCasing", messages.exposeProtoCasing(text));
  if (ip !== "" || host !== "") report(scope, "ExposeInvalidFormat", messages.exposeInvalidFormat(text));
  checkIp(ip);
  const ports = portRange(range);
  if (ports === undefined) throw bad(`invalid containerPort: ${range}`);
  checkHostPorts(host, range, ports);
  return Array.from({ length: ports.last - ports.first + 1 }, (_, index) => `${ports.first + index}/${protocol}`);
}

function report(scope: Scope, rule: "ExposeProtoCasing" | "ExposeInvalidFormat", message: string): void {
  scope.linter.report(rule, message, scope.place.lines);
}

function splitParts(text: string): { readonly ip: string; readonly host: string; readonly container: string } {
  const parts = text.split(":");
  return { ip: parts.slice(0, -2).join(":"), host: parts.at(-2) ?? "", container: parts.at(-1) ?? "" };
}

function checkIp(written: string): void {
  if (written === "") return;
  const ip = written.startsWith("[") ? withoutBrackets(written) : written;
  if (isIP(ip) === 0 || ip.includes("%")) {
    if (ip !== "") throw bad(`invalid IP address: ${ip}`);
  }
}

/** As Go splits host and port, with an empty port. */
function withoutBrackets(written: string): string {
  const end = written.indexOf("]");
  const problem = (reason: string): BuildError => bad(`invalid IP address ${written}: address ${written}:: ${reason}`);
  if (end < 0) throw problem("missing ']' in address");
  if (end + 1 < written.length) {
    throw problem(written[end + 1] === ":" ? "too many colons in address" : "missing port in address");
  }
  const ip = written.slice(1, end);
  if (ip.includes("[")) throw problem("unexpected '[' in address");
  return ip;
}

interface PortRange {
  readonly first: number;
  readonly last: number;
}

function checkHostPorts(host: string, range: string, container: PortRange): void {
  if (host === "") return;
  const ports = portRange(host);
  if (ports === undefined) throw bad(`invalid hostPort: ${host}`);
  // A single container port may go to any of a range of host ports.
  const sameLength = container.last - container.first === ports.last - ports.first;
  if (!sameLength && container.first !== container.last) {
    throw bad(`invalid ranges specified for container and host Ports: ${range} and ${host}`);
  }
}

function portRange(text: string): PortRange | undefined {
  const dash = text.indexOf("-");
  const start = dash < 0 ? text : text.slice(0, dash);
  const end = dash < 0 ? text : text.slice(dash + 1);
  const first = portNumber(start);
  const last = start === end ? first : portNumber(end);
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
}

function portNumber(text: string): number | undefined {
  const parsed = parseInteger(text);
  const inRange = parsed.kind === "number" && parsed.value >= 0n && parsed.value <= LARGEST_PORT;
  return inRange ? Number(parsed.value) : undefined;
}

function bad(message: string): BuildError {
  return new BuildError("bad-port", message);
}
