/** Which ports of this machine a composition wants and somebody else has. */
import { createServer } from "node:net";
import type { Json } from "../../compose/index.ts";
import type { Terminal } from "../terminal.ts";
import { dockerOutput } from "./docker-output.ts";

export interface WantedPort {
  readonly service: string;
  readonly port: number;
}

/** Ports of the host that services name, of entries as Compose gets them; ranges and variables are left out. */
export function wantedPorts(service: string, ports: readonly Json[] | undefined): readonly WantedPort[] {
  return (ports ?? []).flatMap((entry) => {
    const text = typeof entry === "object" && entry !== null ? publishedOf(entry) : hostPart(String(entry));
    const port = Number(text);
    return text !== "" && Number.isInteger(port) && port > 0 ? [{ service, port }] : [];
  });
}

function publishedOf(entry: object): string {
  return "published" in entry ? String(entry.published ?? "") : "";
}

/** `HOST:CONTAINER` and `ADDRESS:HOST:CONTAINER`, with a protocol perhaps. */
function hostPart(entry: string): string {
  return entry.split(":").at(-2) ?? "";
}

/** A line for each that is taken: by whom. Asked only after something has failed. */
export async function explainTaken(
  terminal: Terminal,
  wanted: readonly WantedPort[],
  project: string,
): Promise<string> {
  const lines = await Promise.all(
    wanted.map(async ({ service, port }) => {
      const format = '{{.Names}} {{.Label "com.docker.compose.project"}}';
      const { stdout } = await dockerOutput(terminal, ["ps", "--filter", `publish=${port}`, "--format", format]);
      const holders = stdout.split("\n").filter((line) => line !== "");
      if (holders.some((line) => line.split(" ")[1] === project)) return "";
      const [container] = holders[0]?.split(" ") ?? [];
      if (container !== undefined)
        return `port ${port}, which service ${service} wants, is that of the container ${container}\n`;
      return (await isTaken(port)) ? `port ${port}, which service ${service} wants, is that of another program\n` : "";
    }),
  );
  return lines.join("");
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRINUSE"));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}
