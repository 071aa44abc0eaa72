import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { directoryTree } from "../../../client/filesync/directory-tree.ts";
import { filesAndDirectoriesUnder, filesUnder, listedTree } from "../../../client/filesync/listed-tree.ts";
import { encodePacket, type PacketStat } from "../../../client/filesync/packet.ts";
import { pathFilter } from "../../../client/filesync/path-filter.ts";
import { receiveTree } from "../../../client/filesync/receive-tree.ts";
import { sendTree } from "../../../client/filesync/send-tree.ts";
import { StagedDirectory } from "../../../client/filesync/staged-directory.ts";
import type { SyncTree } from "../../../client/filesync/sync-tree.ts";
import { packetPipe } from "./packet-pipe.ts";
import { smallTree } from "./small-tree.ts";

const everything = pathFilter({ include: [], exclude: [] });
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "transfer-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function transfer(tree: SyncTree, destination: string, deleteExtraneous = false): Promise<void> {
  const pipe = packetPipe();
  const receiving = receiveTree(pipe.receiver, StagedDirectory.open(destination, { deleteExtraneous }));
  const sending = sendTree(tree, pipe.sender, { filter: everything });
  const ended = [sending, receiving].map((end) => end.finally(() => pipe.end()));
  for (const outcome of await Promise.allSettled(ended)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** Kind, mode, time and content of everything below a directory, by path. */
function listing(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => {
      const full = join(directory, path);
      const stat = lstatSync(full);
      const head = `${path} ${(stat.mode & 0o7777).toString(8)} ${stat.mtime.toISOString()}`;
      if (stat.isDirectory()) return `${head} dir`;
      if (stat.isSymbolicLink()) return `${head} -> ${readlinkSync(full)}`;
      return stat.isFIFO()
        ? `${head} fifo`
        : `${head} ${stat.nlink} ${readFileSync(full).toString("latin1").slice(0, 60)}`;
    });
}

describe("a transfer", () => {
  test("carries every kind of entry with its mode and time", async () => {
    const source = join(root, "source");
    mkdirSync(join(source, "sub dir/empty"), { recursive: true });
    writeFileSync(join(source, "plain"), "hello");
    writeFileSync(join(source, "sub dir/ünïcode ☺"), "x");
    writeFileSync(join(source, "none"), "");
    writeFileSync(join(source, "big"), Buffer.alloc(3_000_001, "abcdefg"));
    writeFileSync(join(source, "script"), "#!");
    chmodSync(join(source, "script"), 0o4755);
    chmodSync(join(source, "plain"), 0o600);
    chmodSync(join(source, "sub dir/empty"), 0o1777);
    symlinkSync("../plain", join(source, "sub dir/link"));
    symlinkSync("nowhere", join(source, "dangling"));
    linkSync(join(source, "plain"), join(source, "sub dir/second name"));
    execFileSync("mkfifo", ["-m", "640", join(source, "pipe")]);
    for (const path of ["plain", "none", "big", "script", "pipe", "sub dir/ünïcode ☺", "sub dir/empty", "sub dir"]) {
      utimesSync(join(source, path), 1_600_000_000, 1_600_000_000);
    }
    for (const path of ["sub dir/link", "dangling"]) lutimesSync(join(source, path), 1_500_000_000, 1_500_000_000);
    const target = join(root, "deep/er/target");
    await transfer(directoryTree(source), target);
    expect(listing(target)).toEqual(listing(source));
    expect(statSync(join(target, "plain")).ino).toBe(statSync(join(target, "sub dir/second name")).ino);
    expect(readFileSync(join(target, "big")).equals(readFileSync(join(source, "big")))).toBe(true);
  });

  test("carries names that are not UTF-8", async () => {
    const source = join(root, "source");
    mkdirSync(source);
    const name = Buffer.of(0x61, 0xff, 0x62);
    writeFileSync(Buffer.concat([Buffer.from(`${source}/`), name]), "raw");
    symlinkSync(Buffer.of(0xfe), join(source, "link"));
    await transfer(directoryTree(source), join(root, "target"));
    expect(readdirSync(join(root, "target"), { encoding: "buffer" })).toEqual([name, Buffer.from("link")]);
    expect(readlinkSync(join(root, "target/link"), "buffer")).toEqual(Buffer.of(0xfe));
  });

  test("of a list sends the listed files and no others", async () => {
    const source = join(root, "source");
    mkdirSync(join(source, "a/b"), { recursive: true });
    for (const path of ["a/b/in", "a/b/out", "a/in"]) writeFileSync(join(source, path), path);
    chmodSync(join(source, "a"), 0o700);
    const made = { kind: "file", path: "a/made", content: Buffer.from("of memory"), permissions: 0o755 } as const;
    await transfer(listedTree([...filesUnder(source, ["a/in", "a/b/in"]), made]), join(root, "target"));
    expect(readdirSync(join(root, "target"), { recursive: true }).sort()).toEqual([
      "a",
      "a/b",
      "a/b/in",
      "a/in",
      "a/made",
    ]);
    expect(statSync(join(root, "target/a")).mode & 0o777).toBe(0o755);
    expect(statSync(join(root, "target/a/made")).mode & 0o777).toBe(0o755);
  });

  test("of a list with its directories sends these as they are on the disk", async () => {
    const source = join(root, "source");
    mkdirSync(join(source, "a/b"), { recursive: true });
    for (const path of ["a/b/in", "a/out"]) writeFileSync(join(source, path), path);
    chmodSync(join(source, "a"), 0o700);
    await transfer(listedTree(filesAndDirectoriesUnder(source, ["a/b/in"])), join(root, "target"));
    expect(readdirSync(join(root, "target"), { recursive: true }).sort()).toEqual(["a", "a/b", "a/b/in"]);
    expect(statSync(join(root, "target/a")).mode & 0o777).toBe(0o700);
  });

  test("of a list names the file that is missing", async () => {
    const list = listedTree(filesUnder(root, ["not/there"]));
    await expect(transfer(list, join(root, "target"))).rejects.toMatchObject({
      code: "missing-input",
      message: 'the listed file "not/there" does not exist',
    });
    expect(existsSync(join(root, "target"))).toBe(false);
  });

  test("sends a file empty that vanishes after it was announced, and says so", async () => {
    const tree = smallTree("file a x", "file b y");
    const vanished: string[] = [];
    const pipe = packetPipe();
    const receiving = receiveTree(
      pipe.receiver,
      StagedDirectory.open(join(root, "target"), { deleteExtraneous: false }),
    );
    const lossy: SyncTree = { ...tree, read: (path, size) => (path === "a" ? undefined : tree.read(path, size)) };
    await sendTree(lossy, pipe.sender, { filter: everything, onVanished: (path) => vanished.push(path) });
    pipe.end();
    await receiving;
    expect(vanished).toEqual(["a"]);
    expect(readFileSync(join(root, "target/a"), "utf8")).toBe("");
    expect(readFileSync(join(root, "target/b"), "utf8")).toBe("y");
  });

  test("sends what a file holds when it is read, whatever size was announced", async () => {
    const tree = smallTree("file grows 1", "file shrinks 123456");
    const content: Record<string, string> = { grows: "much longer now", shrinks: "1" };
    await transfer({ ...tree, read: (path) => Buffer.from(content[path] ?? "") }, join(root, "target"));
    expect(readFileSync(join(root, "target/grows"), "utf8")).toBe("much longer now");
    expect(readFileSync(join(root, "target/shrinks"), "utf8")).toBe("1");
  });

  test("fails with the name of a file that can't be read", async () => {
    const tree = smallTree("file dir/secret x");
    const locked: SyncTree = {
      ...tree,
      read() {
        throw Object.assign(new Error("EACCES: permission denied, open"), { code: "EACCES" });
      },
    };
    await expect(transfer(locked, join(root, "target"))).rejects.toMatchObject({
      code: "unreadable-input",
      message: `can't read "dir/secret": EACCES: permission denied, open`,
    });
    expect(readdirSync(root)).toEqual([]);
  });
});

describe("an export into a directory that exists", () => {
  test("replaces files, merges directories and leaves the rest alone", async () => {
    const target = join(root, "target");
    mkdirSync(join(target, "dir/sub"), { recursive: true });
    mkdirSync(join(target, "was-dir/x"), { recursive: true });
    for (const path of ["dir/old", "dir/both", "was-file", "alone"]) writeFileSync(join(target, path), "old");
    await transfer(smallTree("file dir/both new", "file dir/new new", "file was-dir new", "dir was-file"), target);
    expect(listing(target).map((line) => line.replace(/ \d+ \S+/, ""))).toEqual([
      "alone 1 old",
      "dir dir",
      "dir/both 1 new",
      "dir/new 1 new",
      "dir/old 1 old",
      "dir/sub dir",
      "was-dir 1 new",
      "was-file dir",
    ]);
  });

  test("removes the rest where it is told to mirror", async () => {
    const target = join(root, "target");
    mkdirSync(join(target, "dir/sub"), { recursive: true });
    for (const path of ["dir/old", "dir/sub/x", "alone"]) writeFileSync(join(target, path), "old");
    await transfer(smallTree("file dir/new new"), target, true);
    expect(readdirSync(target, { recursive: true }).sort()).toEqual(["dir", "dir/new"]);
  });

  test("replaces a symlink instead of writing through it", async () => {
    const target = join(root, "target");
    mkdirSync(target);
    mkdirSync(join(root, "outside"));
    symlinkSync("../outside", join(target, "dir"));
    await transfer(smallTree("file dir/file x"), target);
    expect(readdirSync(join(root, "outside"))).toEqual([]);
    expect(lstatSync(join(target, "dir")).isDirectory()).toBe(true);
  });

  test("leaves it as it was when the transfer breaks off", async () => {
    const target = join(root, "target");
    mkdirSync(target);
    writeFileSync(join(target, "a"), "old");
    const pipe = packetPipe();
    const receiving = receiveTree(pipe.receiver, StagedDirectory.open(target, { deleteExtraneous: true }));
    for (const message of [entry("a"), entry("b")]) pipe.sender.send(message);
    pipe.end();
    await expect(receiving).rejects.toMatchObject({ code: "sync-protocol" });
    expect(listing(target).map((line) => line.split(" ").at(-1))).toEqual(["old"]);
  });

  test("refuses a destination that is a file", () => {
    writeFileSync(join(root, "file"), "");
    expect(() => StagedDirectory.open(join(root, "file"), { deleteExtraneous: false })).toThrow(
      expect.objectContaining({ code: "export-failed" }),
    );
  });
});

describe("a hostile sender", () => {
  test.each<[string, readonly Uint8Array[]]>([
    ["climbs up", [entry("../evil")]],
    ["climbs up in the middle", [entry("dir", DIRECTORY), entry("dir/../../evil")]],
    ["names an absolute path", [entry("/tmp/evil")]],
    ["names the directory itself", [entry(".", DIRECTORY)]],
    ["puts a file below a symlink", [entry("link", SYMLINK, "/tmp"), entry("link/evil")]],
    ["puts a file below a file", [entry("file"), entry("file/evil")]],
    ["links to a file outside", [entry("evil", 0o644, "/etc/passwd")]],
    ["links to a file above", [entry("evil", 0o644, "../../etc/passwd")]],
    ["links to a symlink", [entry("a", SYMLINK, "/etc/passwd"), entry("evil", 0o644, "a")]],
    ["sends a path twice", [entry("a"), entry("a")]],
    ["sends paths out of order", [entry("b"), entry("a")]],
    ["sends data that nobody asked for", [encodePacket({ kind: "data", id: 5, data: Buffer.from("x") })]],
    ["hides a NUL", [entry("a\0b")]],
  ])("that %s is refused and leaves nothing", async (_name, messages) => {
    const pipe = packetPipe();
    const target = join(root, "target");
    const receiving = receiveTree(pipe.receiver, StagedDirectory.open(target, { deleteExtraneous: false }));
    for (const message of messages) pipe.sender.send(message);
    pipe.end();
    await expect(receiving).rejects.toMatchObject({ code: expect.stringMatching(/^(unsafe-path|sync-protocol)$/) });
    await expect(receiving).rejects.not.toThrow("closed the stream before");
    expect(readdirSync(root)).toEqual([]);
  });
});

const DIRECTORY = 0x8000_01ed;
const SYMLINK = 0x0800_01ff;

function entry(path: string, mode = 0o644, link = ""): Uint8Array {
  const stat: PacketStat = { path, mode, link, sizeBytes: 1, mtimeNs: 0n, deviceMajor: 0, deviceMinor: 0 };
  return encodePacket({ kind: "stat", stat });
}
