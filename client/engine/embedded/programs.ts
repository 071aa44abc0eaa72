// The programs that the embedded engine is made of: buildkitd, runc, and for plain users rootlesskit.
import { access } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findProgram, runCommand } from "../command.ts";
import { provideFromPackage } from "../debian-package.ts";
import { type Attempt, EngineError } from "../engine-error.ts";
import { withFileLock } from "../file-lock.ts";
import type { EngineHost, OnSetup } from "../host.ts";
import type { Provided } from "../provided.ts";
import { BUILDKIT_VERSION, MINIMUM_BUILDKIT_VERSION } from "../versions.ts";
import { buildWithGo } from "./go-build.ts";
import type { EmbeddedLayout } from "./layout.ts";
import { unpackReleaseArchive } from "./release-archive.ts";

export interface Programs {
  readonly buildkitd: string;
  /** Where buildkitd came from, for people. */
  readonly origin: string;
  /** Only for plain users. */
  readonly rootlesskit?: string;
  /** PATH of the daemon, under which it finds runc. */
  readonly path: string;
}

export interface ProgramOptions {
  readonly install: boolean;
  readonly signal?: AbortSignal;
}

/** Throws `EngineError` "missing-program" with everything that was tried, "download-failed", or "engine-unsupported". */
export async function providePrograms(
  host: EngineHost,
  layout: EmbeddedLayout,
  options: ProgramOptions,
  onEvent: OnSetup,
): Promise<Programs> {
  const path = host.env["PATH"] ?? "";
  const onWait = () => onEvent({ kind: "setup", text: "waiting for another run that sets up the engine" });
  const lock = { path, onWait, ...(options.signal ? { signal: options.signal } : {}) };
  return withFileLock(layout.binLock, lock, async () => {
    const buildkitd = await provideBuildkitd(host, layout, options, onEvent);
    const runc = await provideRunc(host, layout, options, onEvent);
    const rootlesskit = host.uid === 0 ? undefined : await provideRootlesskit(host, layout, options, onEvent);
    const dirs = new Set([layout.binDir, dirname(runc), ...path.split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"]);
    return { ...buildkitd, ...(rootlesskit === undefined ? {} : { rootlesskit }), path: [...dirs].join(":") };
  });
}

async function provideBuildkitd(
  host: EngineHost,
  layout: EmbeddedLayout,
  options: ProgramOptions,
  onEvent: OnSetup,
): Promise<{ buildkitd: string; origin: string }> {
  const tried: Attempt[] = [];
  const onPath = findProgram(host, "buildkitd");
  if (onPath !== undefined) {
    const version = await versionOf(host, onPath);
    if (isAtLeast(version, MINIMUM_BUILDKIT_VERSION)) return { buildkitd: onPath, origin: `${version}, found on PATH` };
    const result = `is ${version || "of unknown version"}; at least ${MINIMUM_BUILDKIT_VERSION} is needed`;
    tried.push({ what: onPath, result });
    onEvent({ kind: "setup", text: `${onPath} is passed over: it ${result}` });
  }
  const ours = join(layout.binDir, "buildkitd");
  if (await exists(ours)) return { buildkitd: ours, origin: `${BUILDKIT_VERSION}, set up before` };
  const { signal } = options;
  const fromPackage = { package: "buildkit", program: "usr/bin/buildkitd", check: ["--version"], install: false };
  const ways: readonly (readonly [string, () => Promise<Provided>])[] = [
    ["the release archive", () => unpackReleaseArchive(host, layout.binDir, onEvent, signal)],
    ["the Go module", () => buildWithGo(host, layout.binDir, onEvent, signal)],
    ["a package", () => provideFromPackage(host, { ...fromPackage, binDir: layout.binDir }, onEvent, signal)],
  ];
  for (const [what, way] of ways) {
    const result = await way();
    if (result.kind === "provided") return { buildkitd: ours, origin: `${BUILDKIT_VERSION}, ${result.origin}` };
    tried.push({ what: `buildkitd from ${what}`, result: result.reason });
    onEvent({ kind: "setup", text: result.reason });
  }
  throw new EngineError("missing-program", "buildkitd is not there and can't be had", {
    tried,
    hint:
      "Any of these helps: access to github.com, Go 1.21 or newer on PATH with access to a Go module proxy, " +
      "a buildkitd on PATH, a running Docker, or the address of a buildkitd elsewhere (--buildkit).",
  });
}

async function provideRunc(host: EngineHost, layout: EmbeddedLayout, options: ProgramOptions, onEvent: OnSetup) {
  const there = findProgram(host, "buildkit-runc", [layout.binDir]) ?? findProgram(host, "runc", [layout.binDir]);
  if (there !== undefined) return there;
  return fromDebian(host, layout, options, onEvent, {
    name: "runc",
    program: "usr/sbin/runc",
    hint: "Install runc (Debian and Ubuntu: apt-get install runc; Fedora: dnf install runc).",
  });
}

/** newuidmap has to be setuid root: no copy of ours can be, so that is the administrator's to install. */
async function provideRootlesskit(host: EngineHost, layout: EmbeddedLayout, options: ProgramOptions, onEvent: OnSetup) {
  if (findProgram(host, "newuidmap") === undefined || findProgram(host, "newgidmap") === undefined) {
    throw new EngineError("missing-program", "newuidmap and newgidmap are needed to run an engine without root", {
      hint: "Have an administrator install them (Debian and Ubuntu: apt-get install uidmap), or run as root.",
    });
  }
  const there = findProgram(host, "rootlesskit", [layout.binDir]);
  if (there !== undefined) return there;
  return fromDebian(host, layout, options, onEvent, {
    name: "rootlesskit",
    program: "usr/bin/rootlesskit",
    hint: "Install rootlesskit (Debian and Ubuntu: apt-get install rootlesskit), or run as root.",
  });
}

async function fromDebian(
  host: EngineHost,
  layout: EmbeddedLayout,
  options: ProgramOptions,
  onEvent: OnSetup,
  wanted: { readonly name: string; readonly program: string; readonly hint: string },
): Promise<string> {
  const { name, program, hint } = wanted;
  const request = { package: name, program, check: ["--version"], binDir: layout.binDir, install: options.install };
  const result = await provideFromPackage(host, request, onEvent, options.signal);
  const found = result.kind === "provided" ? findProgram(host, name, [layout.binDir]) : undefined;
  if (found !== undefined) return found;
  const reason = result.kind === "missing" ? result.reason : `${result.origin}, but not found`;
  const tried = [{ what: `${name} from a package`, result: reason }];
  throw new EngineError("missing-program", `${name} is not there and can't be had: ${reason}`, { tried, hint });
}

/** "buildkitd github.com/moby/buildkit v0.33.0 <revision>" */
async function versionOf(host: EngineHost, buildkitd: string): Promise<string> {
  const { stdout } = await runCommand(buildkitd, ["--version"], { env: host.env, timeoutMs: 10_000 });
  return stdout.split(" ").find((word) => /^v\d+\.\d+\.\d+/.test(word)) ?? "";
}

/** Versions of the form v1.2.3, with anything after it. */
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
