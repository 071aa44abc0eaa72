import { createPublicKey, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchToken } from "../../../client/auth/fetch-token.ts";
import { authorityKey, publicBytes, signPayload } from "../../../client/auth/token-authority.ts";
import { tokenSeeds } from "../../../client/auth/token-seed.ts";
import { ANONYMOUS } from "../../../client/docker-config/docker-config.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "auth-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the token authority", () => {
  const salt = Buffer.from("salt");

  // Made with Go: ed25519.NewKeyFromSeed(hmac-sha256(key "salt", "seed")).Public(), and of an empty message for anonymous users.
  test("has the key that Go derives", () => {
    expect(Buffer.from(publicBytes(authorityKey(salt, Buffer.from("seed")))).toString("hex")).toBe(GO_KEY_OF_SEED);
    expect(Buffer.from(publicBytes(authorityKey(salt, undefined))).toString("hex")).toBe(GO_KEY_ANONYMOUS);
  });

  test("signs as NaCl does: signature, then payload", () => {
    const key = authorityKey(salt, Buffer.from("seed"));
    const signed = signPayload(key, Buffer.from("payload"));
    expect(Buffer.from(signed.subarray(64)).toString()).toBe("payload");
    expect(verify(undefined, signed.subarray(64), createPublicKey(key), signed.subarray(0, 64))).toBe(true);
  });
});

describe("token seeds", () => {
  test("are kept for the next time, each registry its own, for nobody else to read", async () => {
    const first = await tokenSeeds(directory)("a.example");
    const other = await tokenSeeds(directory)("b.example");
    expect(await tokenSeeds(directory)("a.example")).toEqual(first);
    expect(other).not.toEqual(first);
    expect(statSync(join(directory, ".token_seed")).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(directory, ".token_seed"), "utf8"))).toHaveProperty(["a.example", "Seed"]);
  });

  test("live on in memory where they can't be kept", async () => {
    writeFileSync(join(directory, "file"), "");
    const seeds = tokenSeeds(join(directory, "file/below"));
    expect(await seeds("a")).toEqual(await seeds("a"));
  });
});

describe("fetching a token", () => {
  const login = { ...ANONYMOUS, username: "user", password: "secret" };

  /** What a token server that answers by `answer` was asked, and what came of it. */
  async function fetchFrom(answer: (request: IncomingMessage) => [number, unknown], as = login) {
    const asked: string[] = [];
    const server = createServer(async (request, response) => {
      asked.push(
        [request.method, request.url, request.headers.authorization ?? "", await text(request)].join(" ").trim(),
      );
      const [status, body] = answer(request);
      response.writeHead(status).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const request = {
      realm: `http://127.0.0.1:${port}/token?x=1`,
      service: "reg",
      scopes: ["repository:a:pull", "repository:b:pull"],
    };
    try {
      return { asked, token: await fetchToken(request, as, AbortSignal.timeout(5000)) };
    } finally {
      server.close();
    }
  }

  test("posts the login as OAuth has it", async () => {
    const { asked, token } = await fetchFrom(() => [
      200,
      { access_token: "t", expires_in: 300, issued_at: "2024-01-02T03:04:05Z" },
    ]);
    expect(asked).toEqual([
      "POST /token?x=1  service=reg&client_id=buildkit-client&scope=repository%3Aa%3Apull+repository%3Ab%3Apull&grant_type=password&username=user&password=secret",
    ]);
    expect(token).toEqual({ token: "t", expiresInSeconds: 300, issuedAtSeconds: 1704164645 });
  });

  test("posts an identity token as a refresh token", async () => {
    const { asked } = await fetchFrom(() => [200, { access_token: "t" }], { ...ANONYMOUS, identityToken: "idt" });
    expect(asked[0]).toContain("grant_type=refresh_token&refresh_token=idt");
  });

  test.each([404, 401, 405])("falls back to the older way where the registry answers %i", async (status) => {
    const { asked, token } = await fetchFrom((request) =>
      request.method === "POST" ? [status, {}] : [200, { token: "old" }],
    );
    expect(asked[1]).toBe(
      "GET /token?x=1&service=reg&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull Basic dXNlcjpzZWNyZXQ=",
    );
    expect(token).toEqual({ token: "old", expiresInSeconds: 60, issuedAtSeconds: undefined });
  });

  test("asks without a login where there is none", async () => {
    const { asked } = await fetchFrom(() => [200, { token: "t" }], ANONYMOUS);
    expect(asked).toEqual(["GET /token?x=1&service=reg&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull"]);
  });

  test("repeats the registry's own words where it is refused", async () => {
    await expect(fetchFrom(() => [403, { details: "account suspended" }])).rejects.toMatchObject({
      code: "token-refused",
      message: expect.stringMatching(/403 Forbidden: .*account suspended/),
      hint: "log in again with docker login",
    });
    await expect(fetchFrom(() => [200, {}])).rejects.toThrow("holds no token");
  });

  test("says why the server can't be reached", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const request = { realm: `http://127.0.0.1:${port}/token`, service: "", scopes: [] };
    await expect(fetchToken(request, login, AbortSignal.timeout(5000))).rejects.toThrow("ECONNREFUSED");
  });
});

const GO_KEY_OF_SEED = "02cd7bd0d5662b284d2c132ec43656e87d5261fb00607bb792929725bcbf46cd";
const GO_KEY_ANONYMOUS = "a7878eff9d42de4f00cb8529dd435d19412c60bc1526483e7c5c3e6325d7ab26";
