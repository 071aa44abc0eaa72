// The frontend image of this checkout, built by its own command for this machine, as an OCI layout to offer to a build.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ContentStore, contentService, layoutStoreId, type RpcHandler } from "../../client/index.ts";
import { testEngine } from "./engine.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

export interface FrontendImage extends AsyncDisposable {
  /** What a request says to be answered by this frontend, besides `frontend: "gateway.v0"`. */
  readonly attrs: Readonly<Record<string, string>>;
  /** The layout that has it. */
  readonly stores: ReadonlyMap<string, ContentStore>;
  /** Of the session. */
  readonly services: readonly RpcHandler[];
  readonly archiveBytes: number;
}

export async function frontendImage(): Promise<FrontendImage> {
  const { address } = await testEngine();
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-frontend-"));
  const archive = join(directory, "frontend.tar");
  const platform = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";
  const options = ["--output", archive, "--platform", platform, "--buildkit", address, "--progress", "plain"];
  await run(join(root, "bin/build-frontend"), options);
  await run("tar", ["-xf", archive, "-C", directory]);
  // An OCI image index, of which the exporter writes one entry.
  const index = JSON.parse(await readFile(join(directory, "index.json"), "utf8")) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  const stores = new Map([[layoutStoreId("frontend"), { path: directory, writable: false }]]);
  return {
    attrs: {
      source: "mzbuild-frontend",
      "context:mzbuild-frontend": `oci-layout://frontend@${index.manifests[0]?.digest}`,
    },
    stores,
    services: contentService(stores, { now: () => Date.now() }),
    archiveBytes: (await readFile(archive)).length,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}
