/** The programs that the embedded engine is made of: buildkitd, runc, and for plain users rootlesskit. */
import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findProgram, runCommand } from "../command.ts";
import { provideFromPackage } from "../debian-package.ts";
import { type Attempt, EngineError } from "../engine-error.ts";
import { withFileLock } from "../file-lock.ts";
import { type EngineHost, goArch, type Setup } from "../host.ts";
import type { Provided } from "../provided.ts";
import { BUILDKIT_VERSION, buildkitArchive, MINIMUM_BUILDKIT_VERSION } from "../versions.ts";
import { buildWithGo } from "./go-build.ts";
import type { EmbeddedLayout } from "./layout.ts";
import { unpackReleaseArchive } from "./release-archive.ts";

export interface Programs {
  readonly buildkitd: string;
  /** Version of buildkitd and where it came from, for people. */
  readonly origin: string;
  /** Only for plain users. */
  readonly rootlesskit: string | undefined;
  /** PATH of the daemon, under which it finds runc. */
  readonly path: string;
}

/** Throws `EngineError` "missing-program" with everything that was tried. */
export async function providePrograms(setup: Setup, layout: EmbeddedLayout): Promise<Programs> {
  const path = setup.host.env["PATH"] ?? "";
  const onWait = () => setup.say("waiting for another run that sets up the engine");
  return withFileLock(layout.binLock, { path, onWait, signal: setup.signal }, async () => {
    const rootlesskit = setup.host.uid === 0 ? undefined : await provideRootlesskit(setup, layout);
    const buildkitd = await provideBuildkitd(setup, layout);
    const runc = await provideRunc(setup, layout);
    const dirs = new Set([layout.binDir, dirname(runc), ...path.split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"]);
    return { ...buildkitd, rootlesskit, path: [...dirs].join(":") };
  });
}

async function provideBuildkitd(setup: Setup, layout: EmbeddedLayout): Promise<{ buildkitd: string; origin: string }> {
  const { binDir } = layout;
  const tried: Attempt[] = [];
  const onPath = findProgram(setup.host, "buildkitd");
  if (onPath !== undefined) {
    const version = await versionOf(setup.host, onPath);
    if (isAtLeast(version, MINIMUM_BUILDKIT_VERSION)) return { buildkitd: onPath, origin: `${version}, found on PATH` };
    const result = `is ${version || "of unknown version"}; at least ${MINIMUM_BUILDKIT_VERSION} is needed`;
    tried.push({ what: onPath, result });
    setup.say(`${onPath} is passed over: it ${result}`);
  }
  const ours = join(binDir, "buildkitd");
  if (await exists(ours)) return { buildkitd: ours, origin: `${BUILDKIT_VERSION}, set up before` };
  const inPackage = { package: "buildkit", program: "usr/bin/buildkitd", check: ["--version"], binDir };
  const ways: readonly (readonly [string, () => Promise<Provided>])[] = [
    [
      "the release archive",
      async () => {
        const arch = goArch(setup.host);
        if (arch === undefined)
          return { kind: "missing", reason: `there is no release archive for ${setup.host.arch}` };
        return unpackReleaseArchive(setup, buildkitArchive(arch), binDir);
      },
    ],
    [
      "the Go module",
      async () => {
        await provideRunc(setup, layout); // No use to build for minutes what then can't be run.
        return buildWithGo(setup, binDir);
      },
    ],
    ["a package", () => provideFromPackage({ ...setup, install: false }, inPackage)],
  ];
  for (const [what, way] of ways) {
    const result = await way();
    if (result.kind === "provided") return { buildkitd: ours, origin: `${BUILDKIT_VERSION}, ${result.origin}` };
    tried.push({ what: `buildkitd from ${what}`, result: result.reason });
    setup.say(result.reason);
  }
  throw new EngineError("missing-program", "buildkitd is not there and can't be had", {
    tried,
    hint:
      "Any of these helps: access to github.com or to a Go module proxy (GOPROXY), a buildkitd on PATH, " +
      "a running Docker, or the address of a buildkitd elsewhere (--buildkit).",
  });
}

/** Either BuildKit's own build of it, which the release archive brings, or any that is installed. */
async function provideRunc(setup: Setup, layout: EmbeddedLayout): Promise<string> {
  const find = (name: string) => findProgram(setup.host, name, [layout.binDir]);
  return (
    find("buildkit-runc") ??
    find("runc") ??
    fromDebian(setup, layout, {
      package: "runc",
      program: "usr/sbin/runc",
      hint: "Install runc (Debian and Ubuntu: apt-get install runc; Fedora: dnf install runc).",
    })
  );
}

/** newuidmap has to be setuid root: no copy of ours can be, so that is the administrator's to install. */
async function provideRootlesskit(setup: Setup, layout: EmbeddedLayout): Promise<string> {
  const { host } = setup;
  if (findProgram(host, "newuidmap") === undefined || findProgram(host, "newgidmap") === undefined) {
    throw new EngineError("missing-program", "newuidmap and newgidmap are needed to run an engine without root", {
      hint: "Have an administrator install them (Debian and Ubuntu: apt-get install uidmap), or run as root.",
    });
  }
  return (
    findProgram(host, "rootlesskit", [layout.binDir]) ??
    fromDebian(setup, layout, {
      package: "rootlesskit",
      program: "usr/bin/rootlesskit",
      hint: "Install rootlesskit (Debian and Ubuntu: apt-get install rootlesskit), or run as root.",
    })
  );
}

async function fromDebian(
  setup: Setup,
  { binDir }: EmbeddedLayout,
  wanted: { readonly package: string; readonly program: string; readonly hint: string },
): Promise<string> {
  const name = wanted.package;
  const result = await provideFromPackage(setup, { ...wanted, check: ["--version"], binDir });
  const found = findProgram(setup.host, name, [binDir]);
  if (found !== undefined) return found;
  const reason = result.kind === "missing" ? result.reason : `${result.origin}, but not found`;
  throw new EngineError("missing-program", `${name} is not there and can't be had: ${reason}`, {
    tried: [{ what: `${name} from a package`, result: reason }],
    hint: wanted.hint,
  });
}

/** "buildkitd github.com/moby/buildkit v0.33.0 <revision>" */
async function versionOf(host: EngineHost, buildkitd: string): Promise<string> {
  const { stdout } = await runCommand(buildkitd, ["--version"], { env: host.env, timeoutMs: 10_000 });
  return stdout.split(" ").find((word) => /^v\d+\.\d+\.\d+/.test(word)) ?? "";
}

/** Versions of the form v1.2.3, with anything after it; an empty one is less than any. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [actual, wanted] = [version, minimum].map((text) => text.match(/\d+/g)?.slice(0, 3).map(Number) ?? []);
  for (let i = 0; i < 3; i++) {
    const difference = (actual?.[i] ?? 0) - (wanted?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
