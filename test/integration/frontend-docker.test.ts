// The frontend image as people use it who have nothing but Docker: through buildx, bake and compose, on the example
// repository, from a registry. What they get is what mzimage gives, to the digest.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificateFile } from "../../cli/build/certificates.ts";
import { provideDebianBase } from "../../client/base-image/index.ts";
import type { GitRepository } from "../mzbuild/git-repository.ts";
import { type DockerCommand, dockerCommand } from "./buildx.ts";
import { dockerMissing, startDocker } from "./docker-engine.ts";
import { type DockerPrograms, dockerRoot } from "./docker-root.ts";
import { privateEngine, say, testEngine, testHost } from "./engine.ts";
import { buildLog, type CommandLine, commandLine, edit, tourRepository } from "./mzimage.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

const LOADGEN = "test/fancy/loadgen";
const BILLING = "src/billing-demo/ci";
const PRICES = "misc/images/price-list";
const PLATFORMS = ["linux/amd64", "linux/arm64"];

let programs: DockerPrograms;
let tour: GitRepository;
let registry: TestRegistry;
let docker: DockerCommand;
let cli: CommandLine;
/** Cargo's downloads may come from a server that only this machine's certificates vouch for. */
let secrets: readonly string[];

const missing = (await registryMissing()) ?? (await dockerMissing());

beforeAll(async () => {
  if (missing !== undefined) return;
  const provision = await dockerRoot();
  if (provision.kind === "missing") throw new Error(provision.reason);
  ({ programs } = provision);
  const { address } = await testEngine();
  registry = await startRegistry();
  docker = await dockerCommand(programs, address);
  cli = await commandLine(address);
  tour = tourRepository();
  await publishBase();
  const certificates = await certificateFile(process.env);
  secrets = certificates === undefined ? [] : [`id=mzbuild.ca,src=${certificates}`];
  const debian = `${registry.host}/debian:trixie-slim`;
  const frontend = ["--file=Dockerfile.frontend", `--build-arg=DEBIAN=${debian}`, ...pushed("mzbuild-frontend:1")];
  await docker.run(".", ["buildx", "build", ...frontend, "."]);
  for (const file of ["ci/builder/Dockerfile", "misc/images/ubuntu-base/Dockerfile"]) {
    edit(tour, file, "FROM debian:trixie-slim", `FROM ${debian}`);
  }
  for (const file of [
    `${LOADGEN}/Dockerfile`,
    `${LOADGEN}/mzbuild.yml`,
    `${BILLING}/Dockerfile`,
    `${PRICES}/Dockerfile`,
  ]) {
    edit(tour, file, /^/, `# syntax=${registry.host}/mzbuild-frontend:1\n`);
  }
});
afterAll(async () => {
  tour?.[Symbol.dispose]();
  cli?.[Symbol.dispose]();
  await docker?.[Symbol.asyncDispose]();
  await registry?.close();
});

/** Both platforms of an image, published under that name. */
function pushed(name: string): readonly string[] {
  return [`--platform=${PLATFORMS.join(",")}`, `--output=type=image,name=${registry.host}/${name},push=true`];
}

/** Puts a Debian made of packages where every client and every engine of the test takes it from. */
async function publishBase(): Promise<void> {
  const request = { suite: "trixie", include: ["ca-certificates"], platforms: PLATFORMS };
  const { layoutDir, digest } = await provideDebianBase(testHost(), request, say);
  writeFileSync(join(docker.home, "Dockerfile"), "FROM base\n");
  const context = `--build-context=base=oci-layout://${layoutDir}@${digest}`;
  await docker.run(docker.home, ["buildx", "build", context, ...pushed("debian:trixie-slim"), "."]);
}

/** `docker buildx build ARGS .` at the repository's root, and what `--metadata-file` says. */
async function buildx(...args: readonly string[]) {
  return buildxBy(docker, ...args);
}

async function buildxBy(command: DockerCommand, ...args: readonly string[]) {
  const metadata = join(command.home, "metadata.json");
  const all = [
    "buildx",
    "build",
    `--metadata-file=${metadata}`,
    "--progress=rawjson",
    ...secrets.map((secret) => `--secret=${secret}`),
    ...args,
    ".",
  ];
  const { stderr } = await command.run(tour.root, all);
  const said: Readonly<Record<string, string>> = JSON.parse(readFileSync(metadata, "utf8"));
  return { ...buildLog(stderr), digest: said["containerimage.digest"], spec: said["frontend.mzbuild.spec"] };
}

/** What `mzimage build` makes of an image: the digest that its OCI archive names. */
async function byMzimage(name: string, ...args: readonly string[]): Promise<string> {
  const dest = join(cli.home, name);
  const output = `--output=type=oci,dest=${dest},tar=false`;
  const { exitCode, stderr } = await cli.run(tour.root, ["build", "--progress=plain", output, ...args, name]);
  expect(exitCode, stderr).toBe(0);
  return layoutDigest(dest);
}

function layoutDigest(directory: string): string {
  return JSON.parse(readFileSync(join(directory, "index.json"), "utf8")).manifests[0].digest;
}

const oci = (name: string) => `type=oci,dest=${join(docker.home, name)},tar=false`;

describe.skipIf(missing !== undefined)(
  `with Docker's own programs${missing === undefined ? "" : ` (${missing})`}`,
  () => {
    test("an image of the repository is the same by its Dockerfile, by its mzbuild.yml, and by mzimage", async () => {
      const byDockerfile = await buildx(`--file=${LOADGEN}/Dockerfile`, `--output=${oci("dockerfile")}`);
      const byDeclaration = await buildx(`--file=${LOADGEN}/mzbuild.yml`, `--output=${oci("declaration")}`);
      const { stdout: spec } = await cli.run(tour.root, ["spec", "fancy-loadgen"]);
      expect([byDockerfile.spec, byDeclaration.spec]).toEqual([spec.trimEnd(), spec.trimEnd()]);
      const digest = await byMzimage("fancy-loadgen");
      expect([byDockerfile.digest, byDeclaration.digest]).toEqual([digest, digest]);
      expect(layoutDigest(join(docker.home, "dockerfile"))).toBe(digest);
    });

    test("--call answers without building", async () => {
      const call = async (method: string, file: string) =>
        (await docker.run(tour.root, ["buildx", "build", `--call=${method}`, `--file=${file}`, "."])).stdout;
      expect(await call("check", `${LOADGEN}/Dockerfile`)).toMatch(/^Check complete, no warnings found/);
      expect(await call("check", `${LOADGEN}/mzbuild.yml`)).toMatch(/^Check complete, no warnings found/);
      expect(await call("targets", `${LOADGEN}/Dockerfile`)).toMatch(
        /^TARGET +DESCRIPTION\s+billing-demo\s+\(default\)/,
      );
      edit(tour, `${PRICES}/Dockerfile`, "COPY", "# LISTED says which prices are listed\nARG LISTED=all\nCOPY");
      expect(await call("outline", `${PRICES}/Dockerfile`)).toMatch(/^LISTED +all +says which prices are listed$/m);
    });

    test("a mistake is shown with its lines", async () => {
      edit(tour, `${PRICES}/Dockerfile`, "MZFROM ubuntu-base", "MZFROM ubuntu-bsae");
      const said = await docker.failure(tour.root, ["buildx", "build", `--file=${PRICES}/Dockerfile`, "."]);
      expect(said).toContain(`${PRICES}/Dockerfile:2`);
      expect(said).toMatch(/^ +2 \| >>> MZFROM ubuntu-bsae$/m);
      expect(said).toContain("depends on non-existent image ubuntu-bsae");
      edit(tour, `${PRICES}/Dockerfile`, "MZFROM ubuntu-bsae", "MZFROM ubuntu-base");
    });

    test("both platforms are pushed with their cache, from which an empty machine has all", async () => {
      const reference = `${registry.host}/billing-demo`;
      const args = [
        `--file=${BILLING}/Dockerfile`,
        `--platform=${PLATFORMS.join(",")}`,
        `--output=type=image,name=${reference}:built,push=true`,
      ];
      const cache = `type=registry,ref=${reference}:cache`;
      const { digest } = await buildx(...args, `--cache-to=${cache}`);
      expect(await byMzimage("billing-demo", `--platform=${PLATFORMS.join(",")}`)).toBe(digest);

      await using engine = await privateEngine();
      await using elsewhere = await dockerCommand(programs, engine.address);
      const imported = await buildxBy(elsewhere, ...args, `--cache-from=${cache}`);
      expect(imported.digest).toBe(digest);
      expect([...imported.ran].filter((name) => /RUN|COPY|cargo/.test(name))).toEqual([]);
      expect(imported.cached).toContainEqual(expect.stringContaining("COPY billing-demo /usr/local/bin/"));
    });

    test("a bake file builds several images, the same as mzimage", async () => {
      const target = (directory: string) => ({
        context: ".",
        dockerfile: `${directory}/Dockerfile`,
        secret: secrets,
      });
      const targets = { prices: target(PRICES), billing: target(BILLING) };
      const file = join(docker.home, "bake.json");
      writeFileSync(file, JSON.stringify({ group: { default: { targets: Object.keys(targets) } }, target: targets }));
      expect(await baked(file, Object.keys(targets))).toEqual({
        prices: await byMzimage("price-list"),
        billing: await byMzimage("billing-demo"),
      });
    });

    test("a compose file whose services are built by it, baked", async () => {
      const file = composeFile();
      const { stdout } = await docker.run(tour.root, ["compose", `--file=${file}`, "build", "--print"]);
      const bake = JSON.parse(stdout);
      // Compose labels what it builds.
      delete bake.target.prices.labels;
      const printed = join(docker.home, "printed.json");
      writeFileSync(printed, JSON.stringify(bake));
      expect(await baked(printed, ["prices"])).toEqual({ prices: await byMzimage("price-list") });
    });

    test("a compose file whose services are built by it, on a Docker daemon", async () => {
      await using engine = await startDocker({ store: "containerd" });
      const compose = ["compose", `--file=${composeFile()}`, "--project-name=tour"];
      await engine.docker([...compose, "build"], { cwd: tour.root });
      const shown = await engine.docker([...compose, "run", "--rm", "--no-deps", "prices"], { cwd: tour.root });
      expect(shown).toBe(readFileSync(join(tour.root, "misc/prices/standard.csv"), "utf8").trimEnd());
    });
  },
);

/** Digests of a bake file's targets. */
async function baked(file: string, targets: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const metadata = join(docker.home, "bake-metadata.json");
  const outputs = targets.flatMap((name) => ["--set", `${name}.output=${oci(`baked-${name}`)}`]);
  const leave = ["--allow=fs=*", `--metadata-file=${metadata}`];
  await docker.run(tour.root, ["buildx", "bake", `--file=${file}`, ...leave, ...outputs, ...targets]);
  const said: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(readFileSync(metadata, "utf8"));
  return Object.fromEntries(targets.map((name) => [name, said[name]?.["containerimage.digest"] ?? ""]));
}

function composeFile(): string {
  const build = { context: tour.root, dockerfile: `${PRICES}/Dockerfile` };
  const file = join(docker.home, "compose.json");
  writeFileSync(file, JSON.stringify({ services: { prices: { build } } }));
  return file;
}
