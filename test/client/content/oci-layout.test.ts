import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BlobWriter, readBlob, statBlob } from "../../../client/content/blob-store.ts";
import { blobPath, findTagged, readLayoutIndex, tagInLayout } from "../../../client/content/oci-layout.ts";

let layout: string;
beforeEach(() => {
  layout = mkdtempSync(join(tmpdir(), "layout-"));
});
afterEach(() => rmSync(layout, { recursive: true, force: true }));

const HELLO = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // printf hello | sha256sum
const one = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: HELLO, size: 5 };
const two = { ...one, digest: `sha256:${"2".repeat(64)}` };

describe("the index of a layout", () => {
  test("finds what was tagged last under a name", async () => {
    await tagInLayout(layout, one, { tag: "latest" });
    await tagInLayout(layout, one, { tag: "v1" });
    await tagInLayout(layout, two, { tag: "latest" });
    const entries = await readLayoutIndex(layout);
    expect(entries).toHaveLength(2);
    expect(findTagged(entries, undefined)?.digest).toBe(two.digest);
    expect(findTagged(entries, "v1")?.digest).toBe(one.digest);
    expect(findTagged(entries, "v2")).toBeUndefined();
  });

  test("keeps an image's full name beside its tag", async () => {
    await tagInLayout(layout, one, { name: "registry:5000/app:1.2" });
    const entries = await readLayoutIndex(layout);
    expect(findTagged(entries, "registry:5000/app:1.2")?.digest).toBe(one.digest);
    expect(findTagged(entries, "1.2")?.digest).toBe(one.digest);
  });

  test("says so where there is no layout", async () => {
    await expect(readLayoutIndex(join(layout, "nowhere"))).rejects.toMatchObject({ code: "bad-oci-layout" });
  });
});

describe("blobs", () => {
  async function write(text: string, size = 0, digest = ""): Promise<void> {
    const writer = await BlobWriter.open(layout, 0);
    try {
      await writer.write(Buffer.from(text));
      await writer.commit(size, digest);
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  test("can be read back whole and in part", async () => {
    await write("hello", 5, HELLO);
    expect(await statBlob(layout, HELLO)).toMatchObject({ sizeBytes: 5 });
    const parts: string[] = [];
    for await (const piece of readBlob(layout, HELLO, 1, 3)) parts.push(Buffer.from(piece).toString());
    expect(parts.join("")).toBe("ell");
  });

  test("that are not what was promised are not kept", async () => {
    await expect(write("hellO", 5, HELLO)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    await expect(write("hello", 6, HELLO)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(await statBlob(layout, HELLO)).toBeUndefined();
  });

  test("start over where the writer is told to", async () => {
    const writer = await BlobWriter.open(layout, 0);
    await writer.write(Buffer.from("false start"));
    await writer.restart();
    await writer.write(Buffer.from("hello"));
    await writer.commit(5, HELLO);
    expect(readFileSync(blobPath(layout, HELLO)!, "utf8")).toBe("hello");
  });

  test.each(["", "sha256:short", "../../etc/passwd", `sha256:${"A".repeat(64)}`, `sha256:${"a".repeat(64)}/x`])(
    "%s is no digest, and no path",
    (digest) => {
      expect(blobPath(layout, digest)).toBeUndefined();
    },
  );
});
