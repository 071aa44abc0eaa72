import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { blobPath, manifestBlobs, readLayoutIndex } from "../../client/base-image/oci-layout.ts";
import { type EngineError, provideDebianBase, runsProgramsOf } from "../../client/index.ts";
import { say, testHost } from "./engine.ts";

const sha256 = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Made once for this machine, in the user's own cache, as a build would have it. */
const base = (platforms: readonly string[]) => provideDebianBase(testHost(), { platforms }, say);

describe.skipIf(process.platform !== "linux")("a base image made from Debian's packages", () => {
  test("is an index of the platforms asked for, whose blobs are all there and whole", async () => {
    const image = await base(["linux/amd64", "linux/arm64"]);
    const index = JSON.parse(await readFile(blobPath(image.layoutDir, image.digest), "utf8"));
    expect(index.manifests.map(({ platform }: { platform: unknown }) => platform)).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
    for (const manifest of index.manifests) {
      for (const { digest } of [manifest, ...(await manifestBlobs(image.layoutDir, manifest))]) {
        expect(sha256(await readFile(blobPath(image.layoutDir, digest)))).toBe(digest);
      }
    }
  });

  test("is the same the next time, and nothing is said about it", async () => {
    const host = testHost();
    const platforms = [`linux/${host.arch === "x64" ? "amd64" : "arm64"}`];
    const first = await base(platforms);
    const said: string[] = [];
    const again = await provideDebianBase(host, { platforms }, ({ text }) => said.push(text));
    expect(again).toEqual(first);
    expect(said).toEqual([]);
  });

  test("says of a platform whose programs don't run here that it is unpacked only", async () => {
    const foreign = process.arch === "x64" ? "arm64" : "amd64";
    const { description, layoutDir } = await base([`linux/${foreign}`]);
    const runs = await runsProgramsOf(testHost(), foreign);
    expect(description.includes("(unpacked only)")).toBe(!runs);
    const names = (await readLayoutIndex(layoutDir)).manifests.map(({ annotations }) =>
      Object.values(annotations ?? {}),
    );
    expect(names.flat()).toContain(runs ? foreign : `${foreign}-unpacked`);
  });

  test("can't be made for other platforms", async () => {
    await expect(base(["linux/s390x"])).rejects.toMatchObject({ code: "base-image-failed" });
  });

  test("that can't be made says what mmdebstrap said, and leaves nothing in the cache", async () => {
    const cache = await mkdtemp(join(tmpdir(), "mzbuild-cache-"));
    onTestFinished(() => rm(cache, { recursive: true }));
    const platform = `linux/${process.arch === "x64" ? "amd64" : "arm64"}`;
    const request = { platforms: [platform], mirror: "http://127.0.0.1:1/debian" };
    const making = provideDebianBase(testHost({ XDG_CACHE_HOME: cache }), request, say);
    const failure: EngineError = await making.then(
      () => expect.unreachable("it was made"),
      (error) => error,
    );
    expect(failure.code).toBe("base-image-failed");
    expect(failure.message).toMatch(/^mmdebstrap failed \(exit code \d+\):\n {2}E: /);
  });
});
