import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dockerLoad } from "../../../client/filesync/docker-load.ts";
import { type ExportSink, fileSink, streamSink } from "../../../client/filesync/export-sink.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sink-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function writeAll(sink: ExportSink, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) await sink.write(Buffer.from(text));
  await sink.close();
}

describe("a file", () => {
  test("is not there before it is complete", async () => {
    const sink = fileSink(join(root, "out"));
    await sink.write(Buffer.from("half"));
    expect(readdirSync(root)).not.toContain("out");
    await sink.write(Buffer.from(" whole"));
    await sink.close();
    expect(readdirSync(root)).toEqual(["out"]);
    expect(readFileSync(join(root, "out"), "utf8")).toBe("half whole");
  });

  test("that is given up leaves the old one alone, and nothing beside it", async () => {
    writeFileSync(join(root, "out"), "old");
    const sink = fileSink(join(root, "out"));
    await sink.write(Buffer.from("new"));
    await sink.abort();
    expect(readdirSync(root)).toEqual(["out"]);
    expect(readFileSync(join(root, "out"), "utf8")).toBe("old");
  });

  test("keeps the mode of what it replaces, through a symlink", async () => {
    writeFileSync(join(root, "real"), "old", { mode: 0o640 });
    symlinkSync("real", join(root, "link"));
    await writeAll(fileSink(join(root, "link")), "new");
    expect(readFileSync(join(root, "real"), "utf8")).toBe("new");
    expect(statSync(join(root, "real")).mode & 0o777).toBe(0o640);
  });

  test("that is a device is written to, not replaced", async () => {
    await writeAll(fileSink("/dev/null"), "into the void");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test("that is a directory is refused", () => {
    mkdirSync(join(root, "dir"));
    expect(() => fileSink(join(root, "dir"))).toThrow(expect.objectContaining({ code: "export-failed" }));
  });

  test("in a directory that does not exist names it", async () => {
    await expect(writeAll(fileSink(join(root, "no/such/out")), "x", "y")).rejects.toMatchObject({
      code: "export-failed",
    });
  });
});

describe("a stream", () => {
  test("that is shared stays open", async () => {
    const shared = new PassThrough();
    await writeAll(streamSink(shared, "standard output", { keepOpen: true }), "a", "b");
    expect(shared.writable).toBe(true);
    shared.end();
    expect(await text(shared)).toBe("ab");
  });

  test("makes the writer wait while it is full", async () => {
    const release: (() => void)[] = [];
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void release.push(done) });
    let written = false;
    const writing = streamSink(slow, "slow")
      .write(Buffer.from("xyz"))
      .then(() => {
        written = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    release.shift()?.();
    await writing;
  });

  test.each([
    ["ENOSPC", "disk-full"],
    ["EPIPE", "export-failed"],
  ])("that fails with %s throws %s", async (errno, code) => {
    const broken = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => done(Object.assign(new Error(errno), { code: errno })),
    });
    await expect(writeAll(streamSink(broken, "broken"), "x", "y")).rejects.toMatchObject({ code });
  });
});

describe("docker load, by a program in its place", () => {
  function fakeDocker(script: string) {
    writeFileSync(join(root, "docker"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, "docker"), 0o755);
    return { environment: { PATH: `${root}:/usr/bin:/bin`, OUT: join(root, "loaded") } };
  }

  test("gets the archive, and its words are passed on", async () => {
    const said: string[] = [];
    const options = fakeDocker('echo "$@" > "$OUT.args"; cat > "$OUT"; echo "Loaded image: a:1"');
    await writeAll(dockerLoad({ ...options, context: "remote", onOutput: (text) => said.push(text) }), "tar ", "bytes");
    expect(readFileSync(join(root, "loaded"), "utf8")).toBe("tar bytes");
    expect(readFileSync(join(root, "loaded.args"), "utf8").trim()).toBe("--context remote load");
    expect(said).toEqual(["Loaded image: a:1"]);
  });

  test.each([
    ["after reading all", "cat > /dev/null; echo 'no such image format' >&2; exit 1"],
    ["at once", "echo 'no such image format' >&2; exit 1"],
  ])("that fails %s says why", async (_name, script) => {
    const big = "x".repeat(1 << 20);
    await expect(writeAll(dockerLoad(fakeDocker(script)), big, big, big)).rejects.toMatchObject({
      code: "docker-load-failed",
      message: "docker load failed: no such image format",
    });
  });

  test("that is not there says so", async () => {
    await expect(writeAll(dockerLoad({ environment: { PATH: root } }), "x")).rejects.toMatchObject({
      code: "docker-load-failed",
      hint: "is the docker command installed?",
    });
  });

  test("that is given up is ended", async () => {
    const sink = dockerLoad(fakeDocker("exec sleep 60"));
    await sink.write(Buffer.from("x"));
    await sink.abort();
  });
});
