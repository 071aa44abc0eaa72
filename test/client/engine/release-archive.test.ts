import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { unpackReleaseArchive } from "../../../client/engine/embedded/release-archive.ts";
import { setupOf } from "../../../client/engine/host.ts";
import { emptyHost, temporaryDirectory } from "./test-host.ts";

/** An archive with BuildKit's layout, by the system's own tar. */
async function archive(...programs: readonly string[]): Promise<Buffer> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, "bin"));
  for (const name of programs) {
    await writeFile(join(directory, "bin", name), `#!/bin/sh\necho ${name}\n`);
    await chmod(join(directory, "bin", name), 0o644);
  }
  return execFileSync("tar", ["-czf", "-", "-C", directory, "bin"]);
}

/** Serves the bytes at every path; undefined: nothing is found. */
async function serve(bytes: Buffer | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/buildkit.tar.gz`;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const setup = async (path = process.env["PATH"] ?? "") => setupOf(await emptyHost({ PATH: path }), {}, () => {});

describe("BuildKit's release archive", () => {
  test("gives buildkitd and runc, executable, and nothing that is not used", async () => {
    const bytes = await archive("buildkitd", "buildkit-runc", "buildctl", "buildkit-qemu-aarch64");
    const binDir = await temporaryDirectory();
    const result = await unpackReleaseArchive(
      await setup(),
      { url: await serve(bytes), sha256: sha256(bytes) },
      binDir,
    );
    expect(result).toEqual({ kind: "provided", origin: "from its release archive" });
    expect((await readdir(binDir)).toSorted()).toEqual(["buildkit-qemu-aarch64", "buildkit-runc", "buildkitd"]);
    expect((await stat(join(binDir, "buildkitd"))).mode & 0o111).toBe(0o111);
    expect(await readFile(join(binDir, "buildkit-runc"), "utf8")).toContain("echo buildkit-runc");
  });

  test("is not used when its checksum differs from the pinned one, and leaves nothing behind", async () => {
    const bytes = await archive("buildkitd", "buildkit-runc");
    const binDir = await temporaryDirectory();
    const pinned = { url: await serve(bytes), sha256: "0".repeat(64) };
    const result = await unpackReleaseArchive(await setup(), pinned, binDir);
    expect(result).toEqual({
      kind: "missing",
      reason: expect.stringContaining(`its SHA-256 is ${sha256(bytes)}, not 000`),
    });
    expect(await readdir(binDir)).toEqual([]);
  });

  test.each([
    ["with curl", process.env["PATH"] ?? ""],
    ["without curl", "/nonexistent"],
  ])("that can't be downloaded is a reason to try something else (%s)", async (_how, path) => {
    const pinned = { url: await serve(undefined), sha256: "0".repeat(64) };
    const result = await unpackReleaseArchive(await setup(path), pinned, await temporaryDirectory());
    expect(result).toEqual({ kind: "missing", reason: expect.stringMatching(/can't be downloaded: .*404/) });
  });
});
