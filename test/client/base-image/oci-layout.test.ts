import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  blobPath,
  hasBlob,
  manifestBlobs,
  readLayoutIndex,
  writeImage,
  writeImageIndex,
  writeLayer,
  writeLayoutIndex,
} from "../../../client/base-image/oci-layout.ts";
import { temporaryDirectory } from "../engine/test-host.ts";

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const tar = Buffer.alloc(200_000, "not really a tar ");

async function imageIn(layoutDir: string) {
  const layer = await writeLayer(layoutDir, Readable.from([tar.subarray(0, 1000), tar.subarray(1000)]), "by hand");
  const image = { architecture: "arm64", layers: [layer], created: "2025-08-09T00:00:00Z", env: ["A=b"], cmd: ["sh"] };
  return { layer, manifest: await writeImage(layoutDir, image) };
}

describe("an OCI layout", () => {
  test("names a layer by the digest of its compressed bytes, and notes that of the tar", async () => {
    const dir = await temporaryDirectory();
    const { layer } = await imageIn(dir);
    const stored = await readFile(blobPath(dir, layer.descriptor.digest));
    expect(sha256(stored)).toBe(layer.descriptor.digest);
    expect(stored.length).toBe(layer.descriptor.size);
    expect(sha256(gunzipSync(stored))).toBe(layer.diffId);
    expect(sha256(tar)).toBe(layer.diffId);
  });

  test("has in every blob the bytes that the blob's name promises", async () => {
    const dir = await temporaryDirectory();
    const { manifest } = await imageIn(dir);
    const index = await writeImageIndex(dir, [manifest]);
    const names = await readdir(join(dir, "blobs/sha256"));
    expect(names).toHaveLength(4);
    for (const name of names) expect(sha256(await readFile(join(dir, "blobs/sha256", name)))).toBe(`sha256:${name}`);
    expect(JSON.parse(await readFile(blobPath(dir, index.digest), "utf8")).manifests[0].platform).toEqual({
      os: "linux",
      architecture: "arm64",
    });
  });

  test("has equal digests for equal content", async () => {
    const [one, other] = [await imageIn(await temporaryDirectory()), await imageIn(await temporaryDirectory())];
    expect(one.manifest).toEqual(other.manifest);
  });

  test("keeps nothing of a layer whose source fails", async () => {
    const dir = await temporaryDirectory();
    async function* failing() {
      yield tar;
      throw new Error("half way");
    }
    await expect(writeLayer(dir, failing(), "")).rejects.toThrow("half way");
    expect(await readdir(join(dir, "blobs/sha256"))).toEqual([]);
  });

  test("tells which blobs a manifest needs and whether they are whole", async () => {
    const dir = await temporaryDirectory();
    const { layer, manifest } = await imageIn(dir);
    const [config, only] = await manifestBlobs(dir, manifest);
    expect(only).toEqual(layer.descriptor);
    expect(await hasBlob(dir, config!)).toBe(true);
    expect(await hasBlob(dir, { ...layer.descriptor, size: 1 })).toBe(false);
    expect(await hasBlob(dir, { ...layer.descriptor, digest: sha256(tar) })).toBe(false);
  });

  test("lists what was entered into it", async () => {
    const dir = await temporaryDirectory();
    expect(await readLayoutIndex(dir)).toEqual({ manifests: [] });
    const { manifest } = await imageIn(dir);
    await writeLayoutIndex(dir, { manifests: [manifest] });
    expect((await readLayoutIndex(dir)).manifests).toEqual([manifest]);
    expect(JSON.parse(await readFile(join(dir, "oci-layout"), "utf8"))).toEqual({ imageLayoutVersion: "1.0.0" });
  });
});
