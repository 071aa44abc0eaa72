/**
 * A fully cached build through BuildKit's built-in frontend, through the official one as an image (where Go can build it), and
 * through ours; and an image of a repository of 45, which only ours can. From the request to its result, in one session.
 *
 *     npm run bench frontend
 *
 * It uses the engine that is found, which keeps what was built.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContentStore,
  connectAddress,
  contentService,
  directoryTree,
  fileSyncService,
  findEngine,
  layoutStoreId,
  openSession,
  RpcClient,
  type Session,
  solve,
} from "../../client/index.ts";
import type { BenchPlace } from "./main.ts";
import { formatTimings, measure } from "./measure.ts";
import { type FrontendLayout, officialFrontend, run } from "./official-frontend.ts";

const platform = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";

export async function benchFrontend({ root, print }: BenchPlace): Promise<void> {
  const { env, arch } = process;
  const host = { env, platform: process.platform, arch, homeDir: homedir(), uid: process.getuid?.() };
  const engine = await findEngine(host, {}, ({ text }) => print(text));
  const directory = mkdtempSync(join(tmpdir(), "frontend-bench-"));
  const client = new RpcClient({ connect: connectAddress(engine.address, { tls: engine.tls, env }) });
  try {
    const images = [
      { name: "ours", layout: ours(root, engine.address, directory) },
      ...[await officialFrontend(client, directory, print)].filter((found) => found !== undefined),
    ];
    for (const { name, layout } of images)
      print(`${name}: image of ${sizeOf(layout)} bytes for ${platform}, compressed`);
    print(await compare(client, directory, images));
  } finally {
    await client.close();
    rmSync(directory, { recursive: true });
  }
}

async function compare(client: RpcClient, directory: string, images: readonly FrontendLayout[]): Promise<string> {
  const [small, large] = writeContexts(directory);
  const stores = new Map<string, ContentStore>();
  for (const { name, layout } of images) stores.set(layoutStoreId(name), { path: layout, writable: false });
  const trees = (context: string, dockerfile: string) =>
    fileSyncService(
      new Map([
        ["context", directoryTree(context)],
        ["dockerfile", directoryTree(dockerfile)],
      ]),
    );
  const content = contentService(stores, { now: () => Date.now() });
  const session = await openSession(client, { services: [...trees(small, small), ...content], sharedKey: small });
  const repository = await openSession(client, {
    services: [...trees(large, join(large, "images/i44")), ...content],
    sharedKey: large,
  });
  const through = ({ name, layout }: FrontendLayout) => ({
    source: name,
    [`context:${name}`]: `oci-layout://${name}@${digestOf(layout)}`,
  });
  try {
    const timings = await measure(
      [
        { name: "built in", run: () => build(client, session, "dockerfile.v0", {}) },
        ...images.map((image) => ({
          name: `${image.name}, as an image`,
          run: () => build(client, session, "gateway.v0", through(image)),
        })),
        ...images.slice(0, 1).map((image) => ({
          name: `${image.name}, an image of a repository of 45`,
          run: () => build(client, repository, "gateway.v0", { ...through(image), filename: "mzbuild.yml" }),
        })),
      ],
      { rounds: 15, warmups: 2 },
    );
    return formatTimings("a build of which everything is cached", timings, "built in");
  } finally {
    await session.close();
    await repository.close();
  }
}

async function build(
  client: RpcClient,
  session: Session,
  frontend: string,
  attrs: Readonly<Record<string, string>>,
): Promise<void> {
  const result = await solve(client, { work: { kind: "frontend", frontend, attrs }, session });
  if (result.kind === "failed") throw result.failure.error;
}

/** A Dockerfile of a few steps, and a repository of a chain of images. */
function writeContexts(directory: string): readonly [string, string] {
  const small = join(directory, "small");
  mkdirSync(small);
  writeFileSync(
    join(small, "Dockerfile"),
    'FROM scratch AS a\nCOPY f /f\nFROM scratch\nCOPY --from=a /f /g\nCMD ["/g"]\n',
  );
  writeFileSync(join(small, "f"), "content");
  const large = join(directory, "large");
  for (let index = 0; index < 45; index++) {
    const image = join(large, "images", `i${index}`);
    mkdirSync(image, { recursive: true });
    writeFileSync(join(image, "mzbuild.yml"), `name: i${index}\n`);
    const base = index % 9 === 0 ? "FROM scratch" : `MZFROM i${index - 1}`;
    writeFileSync(join(image, "Dockerfile"), `${base}\nCOPY f /f${index}\n`);
    writeFileSync(join(image, "f"), `content ${index}`);
  }
  writeFileSync(join(large, "mzbuild-settings.yml"), "image-prefix: bench-\n");
  return [small, large];
}

function ours(root: string, address: string, directory: string): string {
  const archive = join(directory, "ours.tar");
  run(join(root, "bin/build-frontend"), ["--output", archive, "--platform", platform, "--buildkit", address], root);
  const layout = join(directory, "ours");
  mkdirSync(layout);
  run("tar", ["-xf", archive, "-C", layout], root);
  return layout;
}

interface Described {
  readonly digest: string;
  readonly size: number;
}

function digestOf(layout: string): string {
  // An OCI image index, with the one image that was exported.
  const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: Described[] };
  return manifests[0]?.digest ?? "";
}

/** All blobs together. */
function sizeOf(layout: string): number {
  const { stdout } = spawnSync("find", [join(layout, "blobs"), "-type", "f"], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((path) => path !== "")
    .reduce((total, path) => total + statSync(path).size, 0);
}
