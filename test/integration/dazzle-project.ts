// dazzle projects for tests, the commands that work on them, and a look into what they have pushed.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Options } from "execa";
import { extract } from "tar-stream";
import { cacheDir } from "../../client/engine/host.ts";
import { compareBytes } from "../../llb/index.ts";
import { testEngine, testHost } from "./engine.ts";
import { hostRootfs } from "./host-rootfs.ts";
import { type Outcome, outcomeOf, startProgram } from "./own-home.ts";

const LAUNCHER = resolve("bin/mzdazzle");
const MAKE_SAMPLE = resolve("test/testdata/dazzle-sample/make.sh");

export interface DazzleCommands extends Disposable {
  readonly home: string;
  /** `mzdazzle ARGS` in a directory, to its end. */
  run(cwd: string, args: readonly string[], options?: Options): Promise<Outcome>;
  start(cwd: string, args: readonly string[], options?: Options): ReturnType<typeof startProgram>;
  /** The same of another program, such as the original. */
  runOther(program: string, cwd: string, args: readonly string[]): Promise<Outcome>;
  readonly engine: string;
}

/** `engine` is an address; default: the engine that tests share. */
export async function dazzleCommands(engine?: string): Promise<DazzleCommands> {
  const home = mkdtempSync(join(tmpdir(), "mzbuild-dazzle-"));
  const address = engine ?? (await testEngine()).address;
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    XDG_CACHE_HOME: dirname(cacheDir(testHost())),
    XDG_DATA_HOME: join(home, "data"),
    BUILDKIT_HOST: address,
  };
  return {
    home,
    engine: address,
    start: (cwd, args, options) => startProgram(LAUNCHER, args, { cwd, env }, options),
    run: (cwd, args, options) => outcomeOf(startProgram(LAUNCHER, args, { cwd, env }, options)),
    runOther: (program, cwd, args) => outcomeOf(startProgram(program, args, { cwd, env })),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** The sample project; with one more chunk, whose tests fail, where `broken` says so. */
export function sampleProject(home: string, name: string, baseImage: string, { broken = false } = {}): string {
  const directory = join(home, name);
  execFileSync(MAKE_SAMPLE, [directory, baseImage, ...(broken ? ["--broken"] : [])]);
  return directory;
}

/** A project of the files given, by their paths. */
export function projectOf(home: string, name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(home, name);
  for (const [path, content] of Object.entries({ "dazzle.yaml": "combiner: {}\n", ...files })) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  mkdirSync(join(directory, "chunks"), { recursive: true });
  return directory;
}

const PROGRAMS = ["sh", "cat", "echo", "false", "grep", "id", "mkdir", "printf", "pwd", "rm", "sleep", "true", "head"];

/** Pushes an image with programs of this machine, which is built as the base of a project. Its name. */
export async function pushShellImage({ home, run }: DazzleCommands, registry: string): Promise<string> {
  const dockerfile =
    "FROM scratch\nCOPY root /\nRUN echo root:x:0:0:root:/root:/bin/sh >/etc/passwd\nENV PATH=/usr/bin:/bin\n";
  const project = projectOf(home, "shell", { "base/Dockerfile": dockerfile, "base/root/etc/passwd": "" });
  const root = join(home, "rootfs");
  await hostRootfs(root, PROGRAMS);
  cpSync(root, join(project, "base/root"), { recursive: true, verbatimSymlinks: true });
  const target = `${registry}/shell`;
  const { exitCode, stderr } = await run(project, ["build", target]);
  if (exitCode !== 0) throw new Error(stderr);
  const [tag = ""] = await tagsOf(target);
  return `${target}:${tag}`;
}

interface Manifest {
  readonly layers: readonly { readonly digest: string; readonly mediaType: string }[] | null;
  readonly config: { readonly digest: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests?: readonly { readonly platform: { readonly architecture: string } }[];
}

interface Config {
  readonly config: Readonly<Record<string, unknown>> & { readonly Env?: readonly string[] };
  readonly history: readonly Readonly<Record<string, unknown>>[];
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

export interface PushedImage {
  readonly manifest: Manifest;
  readonly config: Config;
}

/** `repository` is in full: `127.0.0.1:5000/x`. */
export async function tagsOf(repository: string): Promise<readonly string[]> {
  const { tags } = JSON.parse(new TextDecoder().decode(await get(repository, "tags/list")));
  return (tags ?? []).toSorted();
}

export async function imageAt(repository: string, tag: string): Promise<PushedImage> {
  const manifest = JSON.parse(new TextDecoder().decode(await get(repository, `manifests/${tag}`)));
  const config = JSON.parse(new TextDecoder().decode(await get(repository, `blobs/${manifest.config.digest}`)));
  return { manifest, config };
}

export async function indexAt(repository: string, tag: string): Promise<Manifest> {
  return JSON.parse(new TextDecoder().decode(await get(repository, `manifests/${tag}`)));
}

/** What is in the archive of a layer, sorted. */
export async function pathsOfLayer(repository: string, digest: string): Promise<readonly string[]> {
  const archive = extract();
  archive.end(gunzipSync(await get(repository, `blobs/${digest}`)));
  const paths: string[] = [];
  for await (const entry of archive) {
    paths.push(`/${entry.header.name}`);
    entry.resume();
  }
  return paths.sort(compareBytes);
}

async function get(repository: string, path: string): Promise<Uint8Array> {
  const slash = repository.indexOf("/");
  const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, */*";
  const url = `http://${repository.slice(0, slash)}/v2/${repository.slice(slash + 1)}/${path}`;
  const response = await fetch(url, { headers: { accept } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
