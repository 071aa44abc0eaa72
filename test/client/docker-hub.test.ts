import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DockerHub, dockerHub } from "../../client/index.ts";

interface Asked {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** What a server that follows Docker Hub's description answers, in this order; and what it was asked. */
let answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }[];
let asked: Asked[];
let address: string;

const server = createServer(async (request: IncomingMessage, response) => {
  const body = await text(request);
  const { authorization } = request.headers;
  asked.push({
    request: `${request.method} ${request.url}`,
    authorization,
    body: body === "" ? undefined : JSON.parse(body),
  });
  const answer = answers.shift() ?? { status: 500 };
  response.writeHead(answer.status, answer.headers).end(answer.body === undefined ? "" : JSON.stringify(answer.body));
});

beforeEach(async () => {
  answers = [];
  asked = [];
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(
  () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
);

const loginOf = (username: string, password: string) => ({ username, password, identityToken: "", registryToken: "" });

function hub(login = loginOf("acme", "secret"), waitsMs: readonly number[] = []): DockerHub {
  return dockerHub({ address, login, waitsMs, signal: new AbortController().signal });
}

const LOGIN = {
  request: "POST /v2/auth/token",
  authorization: undefined,
  body: { identifier: "acme", secret: "secret" },
};

test("texts are read and written with one login", async () => {
  answers = [
    { status: 200, body: { access_token: "T" } },
    { status: 200, body: { description: "a shop", full_description: "# Shop", star_count: 3 } },
    { status: 200, body: {} },
  ];
  const own = hub();
  expect(await own.texts("acme/shop")).toEqual({ description: "a shop", fullDescription: "# Shop" });
  await own.setTexts("acme/shop", { description: "new", fullDescription: "# New" });
  const path = "/v2/namespaces/acme/repositories/shop";
  expect(asked).toEqual([
    LOGIN,
    { request: `GET ${path}`, authorization: "Bearer T", body: undefined },
    { request: `PATCH ${path}`, authorization: "Bearer T", body: { description: "new", full_description: "# New" } },
  ]);
});

test("without a password, what is public is read", async () => {
  answers = [{ status: 200, body: { description: "", full_description: null } }];
  expect(await hub(loginOf("", "")).texts("a/b")).toEqual({ description: "", fullDescription: "" });
  expect(asked.map(({ authorization }) => authorization)).toEqual([undefined]);
});

test("a repository that isn't there has no texts, and none can be written", async () => {
  answers = [{ status: 200, body: { access_token: "T" } }, { status: 404 }, { status: 404 }];
  const own = hub();
  expect(await own.texts("acme/none")).toBeUndefined();
  await expect(own.setTexts("acme/none", { description: "", fullDescription: "" })).rejects.toMatchObject({
    name: "RegistryError",
    message: expect.stringContaining("describing acme/none on Docker Hub"),
  });
});

test("too many requests are tried again, a refused login is not", async () => {
  answers = [
    { status: 429, headers: { "retry-after": "0" } },
    { status: 401, body: { message: "no" } },
    { status: 200 },
  ];
  await expect(hub(undefined, [1, 1]).texts("acme/shop")).rejects.toMatchObject({
    name: "RegistryError",
    message: expect.stringContaining("logging in to Docker Hub"),
  });
  expect(asked).toEqual([LOGIN, LOGIN]);
});
