import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { directoryTree, fileSyncService, openSession, solve } from "../../client/index.ts";
import { definitionToProto, local, marshal } from "../../llb/index.ts";
import { type GitRepository, gitRepository } from "../mzbuild/git-repository.ts";
import { type FrontendClient, frontendClient, shop, specOnClient } from "./frontend-request.ts";

let frontend: FrontendClient;
beforeAll(async () => {
  frontend = await frontendClient();
});
afterAll(() => frontend[Symbol.asyncDispose]());

/** Serves a directory's repositories by git's own daemon. */
async function gitServer(directory: string): Promise<AsyncDisposable & { readonly url: string }> {
  const port = await freePort();
  const args = ["daemon", "--export-all", "--reuseaddr", "--listen=127.0.0.1", `--port=${port}`];
  const child = spawn("git", [...args, `--base-path=${directory}`, directory], { stdio: "ignore", detached: true });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await listening(port);
  return {
    url: `git://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      // `git` has started the daemon as a process of its own, in one group.
      if (child.pid !== undefined) process.kill(-child.pid);
      await gone;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(port: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(50)) {
    const connected = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      }).once("error", () => resolve(false));
    });
    if (connected) return;
  }
  throw new Error(`nobody listens on port ${port}`);
}

async function webServer(files: Readonly<Record<string, Uint8Array>>): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    const body = files[request.url ?? ""];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

function directory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "mzbuild-contexts-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** The repository as others fetch it, with a tracked file that an ignore file covers. */
function published(to: string, prefix = ""): GitRepository {
  const files = Object.entries({ ...shop, "apps/till/kept.o": "kept" });
  const repository = gitRepository(Object.fromEntries(files.map(([path, text]) => [prefix + path, text])));
  repository.git("add", "--force", `${prefix}apps/till/kept.o`);
  repository.commit();
  repository.git("clone", "--quiet", "--bare", ".", join(to, "shop.git"));
  return repository;
}

describe("an image of a repository that is not on the client has the fingerprint that it has there", () => {
  test("from a git URL, of which every file counts", async () => {
    using place = directory();
    using repository = published(place.path);
    await using server = await gitServer(place.path);
    const context = `${server.url}/shop.git#main`;
    for (const file of ["apps/till/mzbuild.yml", "apps/till/Dockerfile"]) {
      const response = await frontend.build({ root: place.path }, "none", { context, filename: file });
      expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
    }
  });

  test("from a git URL with its git directory", async () => {
    using place = directory();
    using repository = published(place.path);
    await using server = await gitServer(place.path);
    const response = await frontend.build({ root: place.path }, "none", {
      context: `${server.url}/shop.git#main`,
      filename: "apps/till/mzbuild.yml",
      "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR": "1",
    });
    expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
  });

  test("from a directory of a git URL", async () => {
    using place = directory();
    using repository = published(place.path, "inner/");
    using same = gitRepository({ ...shop, "apps/till/kept.o": "kept" });
    same.git("add", "--force", "apps/till/kept.o");
    await using server = await gitServer(place.path);
    const response = await frontend.build({ root: repository.root }, "none", {
      context: `${server.url}/shop.git#main:inner`,
      filename: "apps/till/mzbuild.yml",
    });
    expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(same));
  });

  test("from an archive", async () => {
    using place = directory();
    using repository = gitRepository(shop);
    repository.git("archive", "--output", join(place.path, "shop.tar.gz"), "HEAD");
    await using server = await webServer({ "/shop.tar.gz": readFileSync(join(place.path, "shop.tar.gz")) });
    const context = `${server.url}/shop.tar.gz`;
    const response = await frontend.build({ root: place.path }, "none", { context, filename: "apps/till/Dockerfile" });
    expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
  });

  test("from the trees of another frontend", async () => {
    using repository = gitRepository(shop);
    const trees = new Map([["all", directoryTree(repository.root)]]);
    const { client, image } = frontend;
    const session = await openSession(client, { services: [...fileSyncService(trees), ...image.services] });
    try {
      const tree = definitionToProto(
        marshal(local("all", { sessionId: session.id, excludePatterns: [".git"] }).output),
      );
      const result = await solve(client, {
        work: {
          kind: "function",
          attrs: {},
          build: async (gateway, signal) => {
            const attrs = { ...image.attrs, filename: "apps/till/Dockerfile" };
            const inputs = { context: tree, dockerfile: tree };
            return gateway.solve({ Frontend: "gateway.v0", FrontendOpt: attrs, FrontendInputs: inputs }, { signal });
          },
        },
        session,
        exporters: [{ Type: "image", Attrs: {} }],
      });
      if (result.kind !== "done") return expect.fail(result.kind === "failed" ? result.failure.message : result.kind);
      expect(result.exporterResponse["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
    } finally {
      await session.close();
    }
  });

  test("whose Dockerfile is on the client", async () => {
    using place = directory();
    using repository = published(place.path);
    await using server = await gitServer(place.path);
    const attrs = { context: `${server.url}/shop.git#main`, dockerfilekey: "dockerfile" };
    const response = await frontend.build(repository, "apps/till/Dockerfile", attrs);
    expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
  });
});

describe("a file that comes over standard input", () => {
  const given = (text: string): Disposable & { readonly path: string } => {
    const place = directory();
    writeFileSync(join(place.path, "Dockerfile"), text);
    return place;
  };

  test.each(["apps/till/Dockerfile", "apps/till/mzbuild.yml"] as const)("is the %s of its image", async (file) => {
    using place = given(shop[file]);
    using repository = gitRepository(shop);
    const response = await frontend.build({ root: place.path, context: repository.root }, "Dockerfile");
    expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
  });

  test("is no image's where none has the same", async () => {
    using place = given("# mine\nMZFROM base\n");
    using repository = gitRepository(shop);
    const { message, places } = await frontend.failure({ root: place.path, context: repository.root }, "Dockerfile");
    expect(message).toContain("there is no mzbuild.yml beside Dockerfile, and it has MZFROM lines");
    expect(places).toEqual(["Dockerfile:2"]);
  });

  test("is that of the image which a build argument names, where several have the same", async () => {
    using place = given(shop["apps/till/Dockerfile"]);
    const twin = { "apps/twin/mzbuild.yml": "name: twin\n", "apps/twin/Dockerfile": shop["apps/till/Dockerfile"] };
    using repository = gitRepository({ ...shop, ...twin });
    const where = { root: place.path, context: repository.root };
    const { message } = await frontend.failure(where, "Dockerfile");
    expect(message).toContain("is the Dockerfile of several images: till, twin");
    const response = await frontend.build(where, "Dockerfile", { "build-arg:MZ_IMAGE": "till" });
    expect(response["frontend.mzbuild.spec"]).toBe(await specOnClient(repository));
  });
});

test("a file that isn't the one in the context is refused, and not left aside", async () => {
  using repository = gitRepository({ ...shop, "apps/till/Dockerfile.debug": "MZFROM base\n" });
  const { message, places } = await frontend.failure(repository, "apps/till/Dockerfile.debug");
  expect(message).toContain("Dockerfile.debug is not the Dockerfile that the build context has in apps/till");
  expect(places).toEqual(["Dockerfile.debug:1"]);
});
