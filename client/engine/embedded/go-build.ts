/**
 * Builds buildkitd from its pinned Go module. `go install module@version` refuses modules with `exclude` directives, so
 * it is built as a requirement of an empty module; the version has to be linked in, or clients take it for a snapshot.
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, runCommand } from "../command.ts";
import type { Setup } from "../host.ts";
import type { Provided } from "../provided.ts";
import { BUILDKIT_MODULE_SUM, BUILDKIT_VERSION } from "../versions.ts";
import { downloadToolchain } from "./go-toolchain.ts";

const MODULE = "github.com/moby/buildkit";
const HEARTBEAT_MS = 15_000;

/** A Go and the environment to run it in. */
interface Go {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For GOFLAGS. */
  readonly flags: string;
}

/** Puts `buildkitd` into `binDir`, with the Go that is installed or one for the occasion. About two minutes on two cores. */
export async function buildWithGo(setup: Setup, binDir: string): Promise<Provided> {
  await mkdir(binDir, { recursive: true });
  const work = await mkdtemp(join(binDir, ".build-"));
  try {
    const go = installedGo(setup) ?? (await ownGo(setup, work));
    return "reason" in go ? { kind: "missing", reason: go.reason } : await build(setup, go, work, binDir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function installedGo({ host }: Setup): Go | undefined {
  const program = findProgram(host, "go", ["/usr/local/go/bin"]);
  return program === undefined ? undefined : { program, env: host.env, flags: "-mod=mod" };
}

/** With caches that go with it, rather than a gigabyte in the home directory of somebody who doesn't use Go. */
async function ownGo(setup: Setup, work: string): Promise<Go | { readonly reason: string }> {
  const toolchain = await downloadToolchain(setup, work);
  if (toolchain.kind === "missing") return { reason: `Go is not on PATH, and ${toolchain.reason}` };
  const caches = { GOPATH: join(work, "gopath"), GOCACHE: join(work, "gocache"), GOMODCACHE: undefined };
  const env = { ...setup.host.env, ...caches, GOROOT: toolchain.root, GOTOOLCHAIN: "local" };
  return { program: toolchain.go, env, flags: "-mod=mod -modcacherw" };
}

async function build(setup: Setup, go: Go, work: string, binDir: string): Promise<Provided> {
  const { say, signal } = setup;
  const env = { ...go.env, GOFLAGS: go.flags, CGO_ENABLED: "0", GOWORK: "off", GO111MODULE: "on" };
  const options = { env, cwd: work, signal };
  await writeFile(join(work, "go.mod"), "module engine\n");
  say(`building buildkitd ${BUILDKIT_VERSION} with Go, which takes two minutes or more, once`);
  const module = await runCommand(go.program, ["mod", "download", "-json", `${MODULE}@${BUILDKIT_VERSION}`], options);
  if (module.exitCode !== 0) return failed("can't be downloaded", [...module.lastLines, ...module.stdout.split("\n")]);
  if (!module.stdout.includes(`"${BUILDKIT_MODULE_SUM}"`)) return failed("differs from the pinned one", []);

  const downloads = heartbeat(say, (count) => `resolving Go modules (${count} downloaded so far)`);
  const get = await runCommand(go.program, ["get", `${MODULE}/cmd/buildkitd@${BUILDKIT_VERSION}`], {
    ...options,
    onLine: (line) => downloads.count(line.startsWith("go: downloading")),
  }).finally(downloads.stop);
  if (get.exitCode !== 0) return failed("can't be downloaded", get.lastLines);

  const packages = heartbeat(say, (count) => `compiling buildkitd (${count} packages so far)`);
  const flags = ["-trimpath", "-ldflags", `-s -w -X ${MODULE}/version.Version=${BUILDKIT_VERSION}`];
  const compile = await runCommand(
    go.program,
    ["build", "-v", ...flags, "-o", "buildkitd", `${MODULE}/cmd/buildkitd`],
    {
      ...options,
      onLine: (line) => packages.count(!line.startsWith("go: ")),
    },
  ).finally(packages.stop);
  if (compile.exitCode !== 0) return failed("doesn't compile", compile.lastLines);
  await rename(join(work, "buildkitd"), join(binDir, "buildkitd"));
  return { kind: "provided", origin: "built from its Go module" };
}

function failed(what: string, lines: readonly string[]): Provided {
  const last = lines.filter((line) => line.trim() !== "").slice(-3);
  return { kind: "missing", reason: [`the Go module ${MODULE}@${BUILDKIT_VERSION} ${what}`, ...last].join(": ") };
}

/** Says at intervals how far a long run has come. */
function heartbeat(say: (text: string) => void, text: (count: number) => string) {
  let counted = 0;
  const timer = setInterval(() => say(text(counted)), HEARTBEAT_MS);
  return {
    count(matches: boolean) {
      if (matches) counted += 1;
    },
    stop: () => clearInterval(timer),
  };
}
