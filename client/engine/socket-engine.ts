/**
 * A buildkitd that somebody else runs on this machine, where buildkitd listens by default.
 * Source: moby/buildkit v0.33.0: util/appdefaults/appdefaults_unix.go (Address, UserAddress).
 */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { candidate, type Found, passed, type Search } from "./engine.ts";
import type { Attempt } from "./engine-error.ts";

const DEADLINE_MS = 2_000;

export async function socketEngine(search: Search): Promise<Found> {
  const runtimeDir = search.host.env["XDG_RUNTIME_DIR"];
  const rootless = runtimeDir ? [join(runtimeDir, "buildkit/buildkitd.sock")] : [];
  const tried: Attempt[] = [];
  for (const socket of ["/run/buildkit/buildkitd.sock", ...rootless]) {
    const found = await engineOn(search, socket);
    if (found.kind === "found") return found;
    tried.push(...found.tried);
  }
  return { kind: "passed", tried };
}

async function engineOn(search: Search, socket: string): Promise<Found> {
  const what = `buildkitd at ${socket}`;
  const there = await access(socket).then(
    () => true,
    () => false,
  );
  if (!there) return passed(what, "no such socket");
  const address = `unix://${socket}`;
  const why = "a buildkitd that runs on this machine";
  return candidate(search, { kind: "socket", address, tls: undefined, what, why, timeoutMs: DEADLINE_MS });
}
