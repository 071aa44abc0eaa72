/** Host keys of real ssh servers (golang.org/x/crypto/ssh), as BuildKit's own scan of them tells them; where Go is. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dumpCase } from "../../cli/llb-dump/dump-case.ts";
import { scanHostKey } from "../../client/index.ts";
import type { World } from "../../frontend/dockerfile/index.ts";
import { buildOracle, startOracle } from "../fuzz/oracle-process.ts";

const oracle = buildOracle();
const serverCount = 8;
if (oracle === undefined) console.log("skipped: without Go there is no scan of BuildKit to compare ours with");

describe.skipIf(oracle === undefined)("the host key of an ssh server", () => {
  const servers: (readonly [string, string])[] = [];
  let running: ChildProcessWithoutNullStreams;

  beforeAll(async () => {
    running = spawn(oracle ?? "", ["--ssh-servers"]);
    for await (const line of createInterface({ input: running.stdout })) {
      const [address = "", key = ""] = line.split("\t");
      servers.push([address, key]);
      if (servers.length === serverCount) break;
    }
  });

  afterAll(() => {
    running.stdin.end();
  });

  test("is the one that the original takes, whichever the server has", async () => {
    expect(servers).toHaveLength(serverCount);
    for (const [address, key] of servers) expect(await scanHostKey(address)).toBe(key);
  });

  test("is a part of the repositories that a build takes from the server, as in the original", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ssh-host-key-"));
    const [address = ""] = servers[0] ?? [];
    const file = ["FROM scratch", "COPY a b", `ADD ssh://git@${address}/a/b.git#main /c`];
    writeFileSync(join(folder, "Dockerfile"), `${file.join("\n")}\n`);
    const opts = { context: `ssh://git@${address}/context.git` };
    const hostKey: World["hostKey"] = async ({ server }) => ({ kind: "host-key", line: await scanHostKey(server) });
    const asked = startOracle(oracle ?? "");
    for (const request of [{}, { opts }]) {
      writeFileSync(join(folder, "request.json"), JSON.stringify(request));
      const ours = await dumpCase(folder, { hostKey });
      const [theirs = ""] = await asked.ask([folder]);
      const { digests } = JSON.parse(theirs);
      expect(digests.length).toBeGreaterThan(2);
      expect(ours.digests).toEqual(digests);
      expect((await dumpCase(folder)).digests).not.toEqual(digests);
    }
    asked.close();
    rmSync(folder, { recursive: true });
  });

  test("is not to be had of a server that isn't there, or speaks something else", async () => {
    const server = createServer((socket) => socket.end("220 mail.example.com ESMTP\r\n")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(scanHostKey(`127.0.0.1:${port}`)).rejects.toThrow("the ssh server ends the connection");
    server.close();
    await expect(scanHostKey("127.0.0.1:1")).rejects.toThrow("ECONNREFUSED");
  });
});
