// Builds buildkitd from its pinned Go module. `go install module@version` refuses modules with `exclude` directives, so
// it is built as a requirement of an empty module; the version has to be linked in, or clients take it for a snapshot.
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, runCommand } from "../command.ts";
import type { Setup } from "../host.ts";
import type { Provided } from "../provided.ts";
import { BUILDKIT_MODULE_SUM, BUILDKIT_VERSION } from "../versions.ts";

const MODULE = "github.com/moby/buildkit";
const HEARTBEAT_MS = 10_000;

/** Puts `buildkitd` into `binDir`. Takes about two minutes on two cores with empty Go caches. */
export async function buildWithGo(setup: Setup, binDir: string): Promise<Provided> {
  const { host, say, signal } = setup;
  const go = findProgram(host, "go", ["/usr/local/go/bin"]);
  if (go === undefined) return { kind: "missing", reason: "Go is not on PATH" };
  await mkdir(binDir, { recursive: true });
  const work = await mkdtemp(join(binDir, ".build-"));
  const env = { ...host.env, GOFLAGS: "-mod=mod", CGO_ENABLED: "0", GOWORK: "off", GO111MODULE: "on" };
  const options = { env, cwd: work, signal };
  try {
    await writeFile(join(work, "go.mod"), "module engine\n");
    say(`building buildkitd ${BUILDKIT_VERSION} with Go, which takes about two minutes, once`);
    const sum = await runCommand(go, ["mod", "download", "-json", `${MODULE}@${BUILDKIT_VERSION}`], options);
    if (sum.exitCode !== 0) return failed("can't be downloaded", sum.lastLines.concat(sum.stdout.split("\n")));
    if (!sum.stdout.includes(`"${BUILDKIT_MODULE_SUM}"`)) return failed("differs from the pinned one", []);

    const downloads = heartbeat(say, (count) => `resolving Go modules (${count} downloaded so far)`);
    const get = await runCommand(go, ["get", `${MODULE}/cmd/buildkitd@${BUILDKIT_VERSION}`], {
      ...options,
      onLine: (line) => downloads.count(line.startsWith("go: downloading")),
    }).finally(downloads.stop);
    if (get.exitCode !== 0) return failed("can't be downloaded", get.lastLines);

    const packages = heartbeat(say, (count) => `compiling buildkitd (${count} packages so far)`);
    const flags = ["-trimpath", "-ldflags", `-s -w -X ${MODULE}/version.Version=${BUILDKIT_VERSION}`];
    const build = await runCommand(go, ["build", "-v", ...flags, "-o", "buildkitd", `${MODULE}/cmd/buildkitd`], {
      ...options,
      onLine: (line) => packages.count(!line.startsWith("go: ")),
    }).finally(packages.stop);
    if (build.exitCode !== 0) return failed("doesn't compile", build.lastLines);
    await rename(join(work, "buildkitd"), join(binDir, "buildkitd"));
    return { kind: "provided", origin: "built from its Go module" };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
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
