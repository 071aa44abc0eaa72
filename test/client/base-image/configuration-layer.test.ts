import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { extract, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { configurationOf } from "../../../client/base-image/configuration-layer.ts";
import { temporaryDirectory } from "../engine/test-host.ts";

/** `PATH=content` for files, `PATH -> target` for symlinks. */
async function layer(...lines: readonly string[]): Promise<string> {
  const tar = pack();
  for (const line of lines) {
    const [link, target] = line.split(" -> ");
    const [name, content = ""] = line.split("=");
    if (target === undefined) tar.entry({ name: name! }, content);
    else tar.entry({ name: link!, type: "symlink", linkname: target });
  }
  tar.finalize();
  const file = join(await temporaryDirectory(), "layer");
  await writeFile(file, gzipSync(await buffer(tar)));
  return file;
}

async function listing(tar: Uint8Array): Promise<string[]> {
  const entries = extract();
  entries.end(tar);
  const lines: string[] = [];
  for await (const entry of entries) {
    const { name, type, linkname } = entry.header;
    const content = await text(entry);
    lines.push(type === "symlink" ? `${name} -> ${linkname}` : `${name}=${content}`);
  }
  return lines;
}

describe("the configuration of a root file system", () => {
  test("is /etc and /root and the links of alternatives, without what differs by processor", async () => {
    const file = await layer(
      "./bin -> usr/bin",
      "./etc/passwd=root:x:0:0",
      "./etc/ld.so.cache=binary",
      "./etc/ld.so.conf.d/x86_64-linux-gnu.conf=/lib/x86_64-linux-gnu",
      "./etc/ld.so.conf=include",
      "./root/.profile=umask",
      "./usr/bin/awk -> /etc/alternatives/awk",
      "./usr/bin/mawk=program",
    );
    expect(await listing(await configurationOf(file))).toEqual([
      "./etc/passwd=root:x:0:0",
      "./etc/ld.so.conf=include",
      "./root/.profile=umask",
      "./usr/bin/awk -> /etc/alternatives/awk",
    ]);
  });

  test("fails where the layer can't be read", async () => {
    const file = join(await temporaryDirectory(), "layer");
    await writeFile(file, "no gzip");
    await expect(configurationOf(file)).rejects.toThrow();
  });
});
