import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { ConnectionBroken, httpRequest } from "../../client/http-request.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function served(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const get = { method: "GET", headers: { authorization: "Bearer secret" }, signal: new AbortController().signal };

describe("a request", () => {
  it("sends bytes with their length, and a stream as it comes", async () => {
    const seen: string[] = [];
    const url = await served((request, response) => {
      request.setEncoding("utf8");
      let body = "";
      request.on("data", (piece) => {
        body += piece;
      });
      request.on("end", () => {
        seen.push(`${request.headers["content-length"] ?? "stream"} ${body}`);
        response.end("ok");
      });
    });
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("a");
      yield Buffer.from("b");
    }
    for (const body of [Buffer.from("xyz"), pieces()]) {
      expect(await (await httpRequest(url, { ...get, method: "PATCH", body })).text()).toBe("ok");
    }
    expect(seen).toEqual(["3 xyz", "stream ab"]);
  });

  it("follows redirects, and keeps its login from another host", async () => {
    const other = await served(({ headers }, response) => response.end(`login: ${headers.authorization ?? "none"}`));
    const first = await served(({ url, headers }, response) => {
      if (url === "/same") response.end(`login: ${headers.authorization}`);
      else response.writeHead(307, { location: url === "/" ? "/same" : other.href }).end();
    });
    expect(await (await httpRequest(first, get)).text()).toBe("login: Bearer secret");
    const away = await httpRequest(new URL("/away", first), get);
    expect([away.url, await away.text()]).toEqual([other.href, "login: none"]);
  });

  it("tells of a redirect without an end", async () => {
    const url = await served((_, response) => response.writeHead(302, { location: "/" }).end());
    await expect(httpRequest(url, get)).rejects.toThrow("redirects without an end");
  });

  it("tells of a connection that is refused, of one that breaks, and gives the reason of a signal", async () => {
    await expect(httpRequest(new URL("http://127.0.0.1:1/"), get)).rejects.toThrow(ConnectionBroken);
    const url = await served((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setTimeout(() => response.destroy(), 10);
    });
    await expect((await httpRequest(url, get)).bytes()).rejects.toThrow(ConnectionBroken);
    const silent = await served(() => {});
    const abort = new AbortController();
    const waiting = httpRequest(silent, { ...get, signal: abort.signal });
    abort.abort(new Error("given up"));
    await expect(waiting).rejects.toThrow("given up");
  });
});
