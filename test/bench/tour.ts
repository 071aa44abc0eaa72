/** The tool on the example repository: what it costs to name, plan, compile and run an image when nothing has changed. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerAll, type World } from "../../frontend/dockerfile/index.ts";
import { linux, marshal } from "../../llb/index.ts";
import {
  filesOfClient,
  gitWorkTree,
  type ImageSources,
  imageGraph,
  openRepository,
  type Plan,
  planBuild,
  type Repository,
  specOf,
  variantOf,
} from "../../mzbuild/index.ts";
import type { BenchPlace } from "./main.ts";
import { formatTimings, measure } from "./measure.ts";

const target = "price-list";
const variant = variantOf({}, { env: {}, hostArchitecture: "x86_64" });

export async function benchTour({ root, print }: BenchPlace): Promise<void> {
  const repositoryRoot = copyOfTour(root);
  try {
    print(await fingerprints(root, repositoryRoot));
    print(await inProcess(repositoryRoot));
    print(await noOpRun(root, repositoryRoot));
  } finally {
    rmSync(repositoryRoot, { recursive: true });
  }
}

/** A repository of its own, so that nothing of the surrounding one is listed. */
function copyOfTour(root: string): string {
  const directory = mkdtempSync(join(tmpdir(), "mzbuild-tour-"));
  cpSync(join(root, "examples/tour"), directory, { recursive: true });
  run("git", ["init", "--quiet", "."], directory);
  run("git", ["add", "--all"], directory);
  return directory;
}

async function fingerprints(root: string, directory: string): Promise<string> {
  const timings = await measure(
    [
      {
        name: "git ls-files and sha1sum",
        run: () => run("sh", ["-c", "git ls-files -z | xargs -0 sha1sum"], directory),
      },
      { name: "node -e 0", run: () => run("node", ["-e", "0"], directory) },
      {
        name: "mzimage fingerprint",
        run: () => run(join(root, "bin/mzimage"), ["fingerprint", "fancy-loadgen"], directory),
      },
    ],
    { rounds: 15, warmups: 2 },
  );
  return formatTimings("fingerprint of fancy-loadgen, whole processes", timings, "git ls-files and sha1sum");
}

async function inProcess(directory: string): Promise<string> {
  const { plan, sources } = await planned(await openRepository(gitWorkTree(directory, { env: process.env })));
  const timings = await measure(
    [
      {
        name: "open, fingerprint and plan",
        run: async () => {
          await planned(await openRepository(gitWorkTree(directory, { env: process.env })));
        },
      },
      {
        name: "compile and marshal",
        run: async () => {
          const solver = { platforms: [linux("amd64")], supports: () => true };
          const files = filesOfClient("bench");
          const request = {
            plan,
            variant,
            sources,
            cargo: undefined,
            solver,
            sessionId: "bench",
            files,
            attributes: {},
          };
          const { images } = await answerAll(imageGraph(request), world);
          marshal(images.get(target)?.output);
        },
      },
    ],
    { rounds: 30, warmups: 5 },
  );
  return formatTimings(`${target} and what it depends on, in process`, timings);
}

async function planned(
  repository: Repository,
): Promise<{ readonly plan: Plan; readonly sources: ReadonlyMap<string, ImageSources> }> {
  const fingerprints = await repository.fingerprints([target], variant);
  const naming = { registry: "", prefix: "" };
  const specs = new Map([...fingerprints].map(([name, fingerprint]) => [name, specOf(naming, name, fingerprint)]));
  const plan = planBuild({ images: repository.images, targets: [target], specs, lookups: new Map() });
  const entries = plan.steps.map(
    async ({ image }) => [image.name, { image, context: await repository.context(image.name), ignored: [] }] as const,
  );
  return { plan, sources: new Map(await Promise.all(entries)) };
}

/** What the daemon would say, at once: the compiler's own time is what is measured. */
const world: World = {
  image: async ({ reference }) => ({
    kind: "image",
    reference,
    digest: `sha256:${"0".repeat(64)}`,
    config:
      '{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["x"]}}',
  }),
  source: async () => ({ kind: "source", commitObject: undefined, lastModified: undefined }),
  files: async () => ({ kind: "files", files: new Map() }),
  inputs: async () => ({ kind: "inputs", inputs: new Map() }),
};

async function noOpRun(root: string, directory: string): Promise<string> {
  const mzimage = join(root, "bin/mzimage");
  const timings = await measure(
    [
      { name: "fingerprint alone", run: () => run(mzimage, ["fingerprint", "fancy-loadgen"], directory) },
      { name: "build, all cached", run: () => run(mzimage, ["build", "fancy-loadgen"], directory) },
      { name: "run, all cached", run: () => run(mzimage, ["run", "fancy-loadgen", "--bills", "1"], directory) },
    ],
    { rounds: 7, warmups: 1 },
  );
  return formatTimings("no-op, whole processes, engine running", timings);
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr.toString()}`);
}
