import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  connectAddress,
  directoryTree,
  fileSendService,
  fileSyncService,
  filesUnder,
  listedTree,
  RpcClient,
  type SolveResult,
  type SyncTree,
  solve,
} from "../../client/index.ts";
import { definitionToProto, type LocalOptions, local, marshal } from "../../llb/index.ts";
import { testEngine } from "./engine.ts";
import { describeTree, pathsIn, textOf } from "./file-tree.ts";

let client: RpcClient;
let root: string;
let builds = 0;
beforeAll(async () => {
  const { address } = await testEngine();
  client = new RpcClient({ connect: connectAddress(address) });
});
afterAll(() => client.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "filesync-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface RoundTripOptions {
  readonly source?: LocalOptions;
  readonly onVanished?: (name: string, path: string) => void;
}

/** Sends a tree to the daemon as a local source and exports that source to `root/out`. */
async function roundTrip(tree: SyncTree, options: RoundTripOptions = {}): Promise<SolveResult> {
  rmSync(join(root, "out"), { recursive: true, force: true });
  const source = local("context", { sharedKeyHint: `${root}-${builds++}`, ...options.source });
  return solve(client, {
    work: { kind: "definition", definition: definitionToProto(marshal(source.output)) },
    sharedKey: root,
    exporters: [{ Type: "local", Attrs: {} }],
    services: [
      ...fileSyncService(new Map([["context", tree]]), { onVanished: options.onVanished }),
      ...fileSendService(new Map([[0, { kind: "directory", path: join(root, "out"), deleteExtraneous: false }]])),
    ],
  });
}

function write(...paths: readonly string[]): string {
  const directory = join(root, "in");
  for (const path of paths) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), path);
  }
  return directory;
}

describe("a directory sent to the daemon and exported again", () => {
  test("is the same: kinds, modes, times, links, odd names, empty directories", async () => {
    const source = write(
      "plain",
      "sub dir/ünïcode ☺",
      "sub dir/second",
      "-dash",
      "a",
      "a.txt",
      "a/../a-b",
      "quo'te\"s\n",
    );
    mkdirSync(join(source, "empty"));
    mkdirSync(join(source, "sticky"));
    writeFileSync(join(source, "big"), Buffer.alloc(5_000_001, "0123456789"));
    writeFileSync(join(source, "zero"), "");
    writeFileSync(Buffer.concat([Buffer.from(`${source}/raw-`), Buffer.of(0xff, 0xfe)]), "not UTF-8");
    chmodSync(join(source, "plain"), 0o4711);
    chmodSync(join(source, "zero"), 0);
    chmodSync(join(source, "sticky"), 0o1777);
    linkSync(join(source, "plain"), join(source, "sub dir/plain again"));
    symlinkSync("../plain", join(source, "sub dir/link"));
    symlinkSync("/nowhere at all", join(source, "dangling"));
    execFileSync("mkfifo", ["-m", "640", join(source, "fifo")]);
    for (const path of ["plain", "big", "zero", "sub dir/second", "empty", "sticky", "fifo", "sub dir"]) {
      utimesSync(join(source, path), 1_600_000_000, 1_600_000_000);
    }
    lutimesSync(join(source, "dangling"), 1_500_000_000, 1_500_000_000);
    expect(await roundTrip(directoryTree(source))).toMatchObject({ kind: "done" });
    expect(describeTree(join(root, "out"))).toEqual(describeTree(source));
  });

  test("turns a socket into an empty file, as buildctl does", async () => {
    const source = write("plain");
    const server = createServer().listen(join(source, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      expect(await roundTrip(directoryTree(source))).toMatchObject({ kind: "done" });
      expect(textOf(join(root, "out"), "socket")).toBe("");
    } finally {
      server.close();
    }
  });

  test("belongs to root whoever sent it", async () => {
    const source = write("file");
    execFileSync("chown", ["1234:1234", join(source, "file")]);
    expect(await roundTrip(directoryTree(source))).toMatchObject({ kind: "done" });
    expect(execFileSync("stat", ["-c", "%u:%g", join(root, "out/file")], { encoding: "utf8" }).trim()).toBe("0:0");
  });

  test.each<[string, LocalOptions, readonly string[]]>([
    ["include patterns", { includePatterns: ["src/**/*.c", "top"] }, ["src", "src/deep", "src/deep/b.c", "top"]],
    [
      "exclude patterns with an exception",
      { excludePatterns: ["src", "!src/deep/b.c", "**/*.h"] },
      ["src", "src/deep", "src/deep/b.c", "top"],
    ],
    ["patterns that are not ASCII", { includePatterns: ["üml*ut %41+"] }, ["ümläut %41+"]],
    ["followed links", { followPaths: ["lnk"] }, ["lnk", "src", "src/deep", "src/deep/a.h", "src/deep/b.c"]],
  ])("can be narrowed by %s", async (_name, source, expected) => {
    const directory = write("src/deep/a.h", "src/deep/b.c", "top", "ümläut %41+");
    symlinkSync("src/deep", join(directory, "lnk"));
    if (source.excludePatterns !== undefined) rmSync(join(directory, "ümläut %41+"));
    if (source.excludePatterns !== undefined) rmSync(join(directory, "lnk"));
    expect(await roundTrip(directoryTree(directory), { source })).toMatchObject({ kind: "done" });
    expect(pathsIn(join(root, "out"))).toEqual(expected);
  });

  test("brings changes, deletions and a change of kind on the second time", async () => {
    const source = write("stays", "changes", "goes", "file-to-dir", "dir-to-file/x");
    const hint = { source: { sharedKeyHint: "same" } };
    expect(await roundTrip(directoryTree(source), hint)).toMatchObject({ kind: "done" });
    writeFileSync(join(source, "changes"), "changed");
    unlinkSync(join(source, "goes"));
    unlinkSync(join(source, "file-to-dir"));
    write("file-to-dir/y");
    rmSync(join(source, "dir-to-file"), { recursive: true });
    write("dir-to-file");
    expect(await roundTrip(directoryTree(source), hint)).toMatchObject({ kind: "done" });
    expect(describeTree(join(root, "out"))).toEqual(describeTree(source));
  });
});

describe("a list of files", () => {
  test("arrives as listed, with nothing from beside it", async () => {
    const source = write("a/one", "a/two", "b/three", "unlisted");
    const made = { kind: "file", path: "b/made", content: Buffer.from("made up"), permissions: 0o755 } as const;
    const tree = listedTree([
      ...filesUnder(source, ["b/three", "a/one"]),
      made,
      { kind: "symlink", path: "l", target: "a" },
    ]);
    expect(await roundTrip(tree)).toMatchObject({ kind: "done" });
    expect(pathsIn(join(root, "out"))).toEqual(["a", "a/one", "b", "b/made", "b/three", "l"]);
    expect(textOf(join(root, "out"), "b/made")).toBe("made up");
  });

  test("fails the build by name where a file is missing", async () => {
    const result = await roundTrip(listedTree(filesUnder(write("there"), ["there", "not/there"])));
    expect(result).toMatchObject({
      kind: "failed",
      failure: { message: expect.stringContaining('the listed file "not/there" does not exist') },
    });
  });
});

test("a file that vanishes between listing and reading arrives empty, and is reported", async () => {
  const source = write("goes", "stays");
  const tree = directoryTree(source);
  const lossy: SyncTree = {
    ...tree,
    read(path, size) {
      if (path === "goes") unlinkSync(join(source, path));
      return tree.read(path, size);
    },
  };
  const vanished: string[] = [];
  const result = await roundTrip(lossy, { onVanished: (name, path) => vanished.push(`${name}:${path}`) });
  expect(result).toMatchObject({ kind: "done" });
  expect(vanished).toEqual(["context:goes"]);
  expect(textOf(join(root, "out"), "goes")).toBe("");
});

test("a directory that the build was not given is refused by name", async () => {
  const result = await solve(client, {
    work: { kind: "definition", definition: definitionToProto(marshal(local("elsewhere").output)) },
    services: fileSyncService(new Map()),
  });
  expect(result).toMatchObject({
    kind: "failed",
    failure: { message: expect.stringContaining('no access allowed to dir "elsewhere"') },
  });
});
