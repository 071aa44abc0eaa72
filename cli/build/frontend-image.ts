/** The frontend image, built by the very frontend that it will hold, in this process. */
import {
  type ContentStore,
  type ExportPlan,
  filesUnder,
  type Gateway,
  listedTree,
  openSession,
  solve,
} from "../../client/index.ts";
import { buildDockerfile } from "../../frontend/gateway/index.ts";
import { type ConnectedEngine, engineHost } from "../engine-host.ts";
import type { Progress } from "../progress/index.ts";
import type { Terminal } from "../terminal.ts";
import { baseImages } from "./base-images.ts";
import { buildServices, type Offered } from "./services.ts";
import { solveResponse } from "./solve-response.ts";

export interface FrontendImageRequest {
  readonly terminal: Terminal;
  readonly connected: ConnectedEngine;
  /** Of this program: where Dockerfile.frontend and dist/ are. */
  readonly root: string;
  /** `linux/amd64` and the like. */
  readonly platforms: readonly string[];
  readonly install: boolean;
  readonly exports: ExportPlan;
  readonly progress: Progress;
}

const BASE = "debian:trixie-slim";

/** Throws `BuildFailed`, and `EngineError` where the base has to be made and can't be. */
export async function buildFrontendImage(request: FrontendImageRequest): Promise<void> {
  const { terminal, connected, root, exports, progress } = request;
  const context = listedTree(filesUnder(root, ["Dockerfile.frontend", "dist/start-frontend.cjs", "dist/frontend.cjs"]));
  const layouts = new Map<string, ContentStore>(exports.stores);
  const offered: Offered = {
    directories: new Map([
      ["context", context],
      ["dockerfile", context],
    ]),
    files: new Set(),
    root,
    layouts,
    secrets: new Map(),
    sshForwards: [],
    exports: exports.targets,
  };
  await using services = await buildServices(terminal, offered, (text) => progress.warning(text));
  await using session = await openSession(connected.client, { services: services.handlers });
  const result = await solve(connected.client, {
    work: {
      kind: "function",
      attrs: { platform: request.platforms.join(",") },
      build: (gateway, signal) => buildOnBase(request, { gateway, sessionId: session.id, layouts, signal }),
    },
    session,
    exporters: exports.exporters,
    onProgress: (event) => progress.event(event),
    signal: terminal.signal,
  });
  await exports.finish(solveResponse(result, services, terminal.signal));
}

interface Building {
  readonly gateway: Gateway;
  readonly sessionId: string;
  readonly layouts: Map<string, ContentStore>;
  readonly signal: AbortSignal;
}

/** Where the registry can't be reached, once more with a base of Debian's packages in its place. */
async function buildOnBase(
  { terminal, platforms, install, progress }: FrontendImageRequest,
  { gateway, sessionId, layouts, signal }: Building,
): ReturnType<typeof buildDockerfile> {
  const { workers } = await gateway.ping({ signal });
  // A step of the image's making runs on the daemon's own machine.
  const here = workers[0]?.platforms.slice(0, 1).map(({ OS, Architecture }) => `${OS}/${Architecture}`) ?? [];
  const bases = baseImages({
    host: engineHost(terminal),
    bases: new Map([[BASE, { debootstrap: "trixie", include: [], mirror: undefined }]]),
    platforms: [...new Set([...platforms, ...here])],
    install,
    layouts,
    onSetup: ({ text }) => progress.note(text),
    signal,
  });
  const opts = { filename: "Dockerfile.frontend", platform: platforms.join(",") };
  try {
    return await buildDockerfile(gateway, { opts, sessionId }, signal);
  } catch (error) {
    if (!(await bases.standIn(BASE, error))) throw error;
    return buildDockerfile(gateway, { opts: { ...opts, ...Object.fromEntries(bases.contexts) }, sessionId }, signal);
  }
}
