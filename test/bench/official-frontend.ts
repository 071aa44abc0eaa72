/** BuildKit's own frontend as an image, from its Go module: what ours is compared with. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  contentService,
  directoryTree,
  fileSyncService,
  openSession,
  planExports,
  type RpcClient,
  solve,
} from "../../client/index.ts";
import { buildDockerfile } from "../../frontend/gateway/index.ts";

const buildkit = "github.com/moby/buildkit";
const version = "v0.33.0";

export interface FrontendLayout {
  readonly name: string;
  /** An OCI layout with one image. */
  readonly layout: string;
}

/** The official frontend of the pinned version; undefined, after a line that says so, where there is no Go. */
export async function officialFrontend(
  client: RpcClient,
  directory: string,
  print: (line: string) => void,
): Promise<FrontendLayout | undefined> {
  if (spawnSync("go", ["version"]).status !== 0) {
    print("skipped: there is no Go to build the official frontend with");
    return undefined;
  }
  const module = join(directory, "official-module");
  mkdirSync(module);
  writeFileSync(join(module, "go.mod"), "module bench\n");
  const package_ = `${buildkit}/frontend/dockerfile/cmd/dockerfile-frontend`;
  const env = { ...process.env, GOFLAGS: "-mod=mod", CGO_ENABLED: "0" };
  run("go", ["get", `${package_}@${version}`], module, env);
  run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", "dockerfile-frontend", package_], module, env);
  const context = join(directory, "official-context");
  mkdirSync(context);
  copyFileSync(join(module, "dockerfile-frontend"), join(context, "dockerfile-frontend"));
  const dockerfile = [
    "FROM scratch",
    'LABEL moby.buildkit.frontend.network.none="true"',
    'LABEL moby.buildkit.frontend.caps="moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts"',
    "COPY dockerfile-frontend /bin/dockerfile-frontend",
    'ENTRYPOINT ["/bin/dockerfile-frontend"]',
  ];
  writeFileSync(join(context, "Dockerfile"), `${dockerfile.join("\n")}\n`);
  const layout = join(directory, "official");
  const exports = planExports([{ kind: "directory", type: "oci", path: layout, attrs: { tar: "false" } }], {
    directory,
    stdout: undefined,
    dockerLoad: { environment: {} },
  });
  const tree = directoryTree(context);
  const services = [
    ...fileSyncService(
      new Map([
        ["context", tree],
        ["dockerfile", tree],
      ]),
    ),
    ...contentService(exports.stores, { now: () => Date.now() }),
  ];
  const session = await openSession(client, { services });
  try {
    const result = await solve(client, {
      work: {
        kind: "function",
        build: (gateway, signal) => buildDockerfile(gateway, { opts: {}, sessionId: session.id }, signal),
      },
      session,
      exporters: exports.exporters,
    });
    if (result.kind === "failed") throw result.failure.error;
    if (result.kind === "done") await exports.finish(result.exporterResponse);
    return { name: "official", layout };
  } finally {
    await session.close();
  }
}

/** Throws with what the program says where it fails. */
export function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): void {
  const { status, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${stderr}`);
}
