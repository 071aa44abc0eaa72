// The programs of the suite: its tests as one binary and buildctl, from BuildKit's Go module, and a PATH with all that they start.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildkitdProgram } from "../integration/engine.ts";
import { registryProgram } from "../integration/registry.ts";

const MODULE = "github.com/moby/buildkit";
export const VERSION = "v0.33.0";

export interface SuitePrograms {
  /** The tests, which have to run in `directory`. */
  readonly tests: string;
  readonly directory: string;
  /** A directory for PATH: buildkitd, runc, buildctl, registry. */
  readonly binDir: string;
}

/** Builds what is missing below `cache`: some minutes, once. */
export async function suitePrograms(cache: string, print: (line: string) => void): Promise<SuitePrograms> {
  const buildkitd = await buildkitdProgram();
  const registry = await registryProgram();
  if (buildkitd === undefined) throw new Error("there is no buildkitd of our own to test with");
  if (registry === undefined) throw new Error("docker-registry is not there and can't be had");
  const binDir = join(cache, "bin");
  mkdirSync(binDir, { recursive: true });
  const { Dir: module } = JSON.parse(go(cache, ["mod", "download", "-json", `${MODULE}@${VERSION}`]));
  const tests = join(binDir, "frontend.test");
  if (!existsSync(tests) || !existsSync(join(binDir, "buildctl"))) {
    print(`building the tests of ${MODULE} ${VERSION}, once`);
    go(module, ["test", "-c", "-trimpath", "-o", tests, "./frontend/dockerfile"]);
    const version = `-s -w -X ${MODULE}/version.Version=${VERSION}`;
    go(module, ["build", "-trimpath", "-ldflags", version, "-o", `${binDir}/`, "./cmd/buildctl"]);
  }
  for (const [name, program] of Object.entries({ buildkitd, registry })) {
    rmSync(join(binDir, name), { force: true });
    symlinkSync(program, join(binDir, name));
  }
  // runc lies beside the engine's buildkitd, if it is not the system's.
  const path = [binDir, dirname(buildkitd)].join(":");
  return { tests, directory: join(module, "frontend/dockerfile"), binDir: path };
}

function go(cwd: string, args: readonly string[]): string {
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "" };
  const { status, stdout, stderr, error } = spawnSync("go", args, { cwd, env, encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status === 0) return stdout;
  throw new Error(`go ${args.join(" ")}: ${error?.message ?? stderr}`);
}
