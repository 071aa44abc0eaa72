import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  connectAddress,
  contentService,
  type ExportPlanOptions,
  fileSendService,
  fileSyncService,
  layoutStoreId,
  listedTree,
  parseCacheOption,
  parseOutput,
  planCaches,
  planExports,
  RpcClient,
  readLayoutIndex,
  type SolveResult,
  type SyncTree,
  solve,
} from "../../client/index.ts";
import { copy, definitionToProto, local, marshal, mkfile, ociLayout, type State, scratch } from "../../llb/index.ts";
import { testEngine } from "./engine.ts";
import { pathsIn, textOf } from "./file-tree.ts";

let client: RpcClient;
let root: string;
let builds = 0;
beforeAll(async () => {
  const { address } = await testEngine();
  client = new RpcClient({ connect: connectAddress(address) });
});
afterAll(() => client.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "exports-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface BuildOptions extends Partial<ExportPlanOptions> {
  readonly tree?: SyncTree;
  readonly signal?: AbortSignal;
  readonly cacheFrom?: string;
  readonly cacheTo?: string;
  readonly layout?: string;
}

/** Builds a state with the given --output options, relative to `root`. */
async function build(state: State, outputs: readonly string[], options: BuildOptions = {}) {
  const cache = (option: "--cache-from" | "--cache-to", text: string | undefined) =>
    text === undefined ? [] : parseCacheOption(option, text);
  const exports = planExports(outputs.map(parseOutput), {
    directory: root,
    stdout: undefined,
    dockerLoad: { environment: {} },
    ...options,
  });
  const caches = await planCaches(cache("--cache-from", options.cacheFrom), cache("--cache-to", options.cacheTo), {
    directory: root,
  });
  const layouts =
    options.layout === undefined ? [] : [[layoutStoreId("base"), { path: options.layout, writable: false }] as const];
  const failures: unknown[] = [];
  const result = await solve(client, {
    work: { kind: "definition", definition: definitionToProto(marshal(state.output)) },
    exporters: exports.exporters,
    cacheImports: caches.imports,
    cacheExports: caches.exports,
    signal: options.signal,
    services: [
      ...fileSyncService(new Map([["context", options.tree ?? listedTree([])]])),
      ...fileSendService(exports.targets, { onFailure: (_id, error) => failures.push(error) }),
      ...contentService(new Map([...exports.stores, ...caches.stores, ...layouts]), { now: Date.now }),
    ],
  });
  if (result.kind === "done") {
    await exports.finish(result.exporterResponse);
    await caches.finish(result.exporterResponse);
  }
  return { result, failures };
}

/** A tree of one file. */
function oneFile(text: string): State {
  return scratch().file([mkfile("/file", 0o644, text)]);
}

function expectDone(result: SolveResult): void {
  if (result.kind !== "done") expect.fail(result.kind === "failed" ? result.failure.message : result.kind);
}

/** A source of `count` files of 1 MiB each that don't compress. */
function bulk(count: number): { readonly state: State; readonly tree: SyncTree } {
  const content = Buffer.alloc(1 << 20, execFileSync("head", ["-c", "4096", "/dev/urandom"]));
  const entries = Array.from(
    { length: count },
    (_, index) => ({ kind: "file", path: `f${index}`, content, permissions: 0o644 }) as const,
  );
  return { state: local("context", { sharedKeyHint: `${root}-${builds++}` }), tree: listedTree(entries) };
}

describe("an archive", () => {
  test("appears complete, under its name only", async () => {
    const { result } = await build(oneFile("in a tar"), ["type=tar,dest=out.tar"]);
    expectDone(result);
    expect(readdirSync(root)).toEqual(["out.tar"]);
    expect(execFileSync("tar", ["-xOf", join(root, "out.tar"), "file"], { encoding: "utf8" })).toBe("in a tar");
  });

  test("of type oci holds an image", async () => {
    expectDone((await build(oneFile("in an image"), ["type=oci,dest=image.tar,name=r/a:1"])).result);
    const listing = execFileSync("tar", ["-tf", join(root, "image.tar")], { encoding: "utf8" });
    expect(listing.split("\n")).toEqual(expect.arrayContaining(["index.json", "oci-layout"]));
  });

  test("can go to a stream", async () => {
    const stdout = new PassThrough();
    const received = buffer(stdout);
    expectDone((await build(oneFile("piped"), ["-"], { stdout })).result);
    stdout.end();
    expect((await received).includes("piped")).toBe(true);
  });

  test("replaces a file, keeping its mode, and what a symlink points to", async () => {
    writeFileSync(join(root, "real.tar"), "old");
    chmodSync(join(root, "real.tar"), 0o600);
    symlinkSync("real.tar", join(root, "link.tar"));
    expectDone((await build(oneFile("x"), ["type=tar,dest=link.tar"])).result);
    expect(
      execFileSync("stat", ["-c", "%a %F", join(root, "real.tar"), join(root, "link.tar")], { encoding: "utf8" }),
    ).toBe("600 regular file\n777 symbolic link\n");
    expect(execFileSync("tar", ["-tf", join(root, "real.tar")], { encoding: "utf8" })).toBe("file\n");
  });
});

test("several outputs of one build all arrive", async () => {
  expectDone(
    (await build(oneFile("both"), ["type=local,dest=dir", "type=tar,dest=a.tar", "type=local,dest=dir2"])).result,
  );
  expect(textOf(root, "dir/file")).toBe("both");
  expect(textOf(root, "dir2/file")).toBe("both");
  expect(execFileSync("tar", ["-xOf", join(root, "a.tar"), "file"], { encoding: "utf8" })).toBe("both");
});

test("mode=delete makes a directory hold the export and nothing else", async () => {
  mkdirSync(join(root, "dir/old"), { recursive: true });
  writeFileSync(join(root, "dir/old/x"), "");
  expectDone((await build(oneFile("new"), ["type=local,dest=dir,mode=delete"])).result);
  expect(pathsIn(join(root, "dir"))).toEqual(["file"]);
});

describe("an export that fails leaves nothing", () => {
  test.each(["type=local,dest=out", "type=tar,dest=out.tar"])("%s, when it is cancelled half way", async (output) => {
    const stop = new AbortController();
    const { state, tree } = bulk(40);
    const watch = setInterval(() => readdirSync(root).length > 0 && stop.abort(), 1);
    const { result } = await build(state, [output], { tree, signal: stop.signal }).finally(() => clearInterval(watch));
    expect(result.kind).toBe("cancelled");
    expect(readdirSync(root)).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0).each(["type=local,dest=small/out", "type=tar,dest=small/out.tar"])(
    "%s, when the disk is full, and says so",
    async (output) => {
      mkdirSync(join(root, "small"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", join(root, "small")]);
      try {
        const { state, tree } = bulk(20);
        const { result, failures } = await build(state, [output], { tree });
        expect(result).toMatchObject({
          kind: "failed",
          failure: { message: expect.stringContaining("no space left for the export") },
        });
        expect(failures).toMatchObject([{ code: "disk-full" }]);
        expect(readdirSync(join(root, "small"))).toEqual([]);
      } finally {
        execFileSync("umount", [join(root, "small")]);
      }
    },
  );

  test("when its directory is a file", async () => {
    writeFileSync(join(root, "taken"), "");
    const { result } = await build(oneFile("x"), ["type=local,dest=taken"]);
    expect(result).toMatchObject({
      kind: "failed",
      failure: { message: expect.stringContaining("it exists and is not a directory") },
    });
  });
});

describe("an OCI layout", () => {
  test("written by one build is the base of the next", async () => {
    expectDone((await build(oneFile("from a layout"), ["type=oci,tar=false,dest=oci,name=r/base:1"])).result);
    const [image] = await readLayoutIndex(join(root, "oci"));
    expect(image?.annotations).toMatchObject({ "org.opencontainers.image.ref.name": "1" });
    const base = ociLayout(`local/base@${image?.digest}`, { storeId: "base" });
    expectDone((await build(base, ["type=local,dest=out"], { layout: join(root, "oci") })).result);
    expect(textOf(root, "out/file")).toBe("from a layout");
  });

  test("holds a cache that another build imports", async () => {
    const source = local("context", { sharedKeyHint: root });
    const state = scratch().file([copy(source, "/file", "/file")]);
    const tree = listedTree([{ kind: "file", path: "file", content: Buffer.from(root), permissions: 0o644 }]);
    expectDone((await build(state, ["type=local,dest=1"], { tree, cacheTo: "type=local,dest=cache,mode=max" })).result);
    expect(JSON.parse(readFileSync(join(root, "cache/index.json"), "utf8")).manifests).toHaveLength(1);
    expectDone((await build(state, ["type=local,dest=2"], { tree, cacheFrom: "type=local,src=cache" })).result);
    expect(textOf(root, "2/file")).toBe(root);
  });
});
