// Requests to the frontend image of this checkout, as clients of BuildKit make them, and a small repository to ask about.
import { join } from "node:path";
import { expect } from "vitest";
import {
  connectAddress,
  contentService,
  directoryTree,
  type ErrorSource,
  fileSyncService,
  layoutStoreId,
  openSession,
  type ProgressEvent,
  RpcClient,
  type SolveOptions,
  type SolveResult,
  solve,
} from "../../client/index.ts";
import { type Variant, variantOf } from "../../mzbuild/index.ts";
import type { GitRepository } from "../mzbuild/git-repository.ts";
import { testEngine } from "./engine.ts";
import { frontendImage } from "./frontend-image.ts";

export interface Place {
  /** Where the file is. */
  readonly root: string;
  /** The build context, if it is another directory. */
  readonly context?: string;
}

export type Attributes = Readonly<Record<string, string>>;
export type Response = Readonly<Record<string, string>>;

export interface AskOptions {
  readonly frontend?: string;
  /** The name to publish the result under. */
  readonly push?: string;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Directories besides context and file, by the names that clients call them. */
  readonly directories?: Readonly<Record<string, string>>;
  /** Directories of OCI layouts, by the names of `oci-layout://NAME@DIGEST`. */
  readonly layouts?: Readonly<Record<string, string>>;
  readonly entitlements?: readonly string[];
  readonly sourcePolicy?: SolveOptions["sourcePolicy"];
}

export interface Failure {
  readonly message: string;
  /** `FILE:LINE` of the places that a client shows. */
  readonly places: readonly string[];
  readonly sources: readonly ErrorSource[];
}

export interface FrontendClient extends AsyncDisposable {
  readonly address: string;
  readonly client: RpcClient;
  readonly image: Awaited<ReturnType<typeof frontendImage>>;
  /** As `docker buildx build -f FILE CONTEXT` asks: the file's directory is a tree of its own. */
  ask(place: Place, file: string, attrs?: Attributes, options?: AskOptions): Promise<SolveResult>;
  build(place: Place, file: string, attrs?: Attributes, options?: AskOptions): Promise<Response>;
  failure(place: Place, file: string, attrs?: Attributes, options?: AskOptions): Promise<Failure>;
  /** What a sub-request gives, as texts. */
  subrequest(place: Place, file: string, id: string, attrs?: Attributes): Promise<Response>;
}

export async function frontendClient(): Promise<FrontendClient> {
  const { address } = await testEngine();
  const client = new RpcClient({ connect: connectAddress(address) });
  const image = await frontendImage();
  const ask: FrontendClient["ask"] = async ({ root, context = root }, file, attrs = {}, options = {}) => {
    const { frontend = "gateway.v0", push, onProgress, entitlements, sourcePolicy } = options;
    const slash = file.lastIndexOf("/");
    const directories = { context, dockerfile: join(root, file.slice(0, Math.max(0, slash))), ...options.directories };
    const trees = new Map(Object.entries(directories).map(([name, path]) => [name, directoryTree(path)]));
    const layouts = Object.entries(options.layouts ?? {}).map(
      ([name, path]) => [layoutStoreId(name), { path, writable: false }] as const,
    );
    const content = contentService(new Map([...image.stores, ...layouts]), { now: () => Date.now() });
    const session = await openSession(client, { services: [...fileSyncService(trees), ...content] });
    try {
      return await solve(client, {
        work: {
          kind: "frontend",
          frontend,
          attrs: { ...image.attrs, filename: file.slice(slash + 1), ...attrs },
        },
        session,
        exporters: [{ Type: "image", Attrs: push === undefined ? {} : { name: push, push: "true" } }],
        onProgress,
        entitlements,
        sourcePolicy,
      });
    } finally {
      await session.close();
    }
  };
  return {
    address,
    client,
    image,
    ask,
    build: async (...request) => {
      const result = await ask(...request);
      if (result.kind !== "done") return expect.fail(result.kind === "failed" ? result.failure.message : result.kind);
      return result.exporterResponse;
    },
    failure: async (...request) => {
      const result = await ask(...request);
      if (result.kind !== "failed") return expect.fail(`expected a failed build, which was ${result.kind}`);
      const { message, sources } = result.failure;
      const places = sources.map(({ filename, ranges }) => `${filename}:${ranges[0]?.start.line}`);
      return { message, places, sources };
    },
    subrequest: async ({ root, context = root }, file, requestid, attrs = {}) => {
      const slash = file.lastIndexOf("/");
      const directories = { context, dockerfile: join(root, file.slice(0, Math.max(0, slash))) };
      const trees = new Map(Object.entries(directories).map(([name, path]) => [name, directoryTree(path)]));
      const FrontendOpt = { ...image.attrs, filename: file.slice(slash + 1), requestid, ...attrs };
      let metadata: Readonly<Record<string, Uint8Array>> = {};
      const result = await solve(client, {
        work: {
          kind: "function",
          build: async (gateway, signal) => {
            ({ metadata } = await gateway.solve({ Frontend: "gateway.v0", FrontendOpt }, { signal }));
            return {};
          },
        },
        services: [...fileSyncService(trees), ...image.services],
      });
      if (result.kind !== "done") return expect.fail(result.kind === "failed" ? result.failure.message : result.kind);
      return Object.fromEntries(Object.entries(metadata).map(([key, bytes]) => [key, Buffer.from(bytes).toString()]));
    },
    [Symbol.asyncDispose]: async () => {
      await image[Symbol.asyncDispose]();
      await client.close();
    },
  };
}

/** Two images, the one built on the other, with files from elsewhere. */
export const shop = {
  "mzbuild-settings.yml": "image-prefix: shop-\n",
  ".gitignore": "*.o\n/target\n",
  "prices/a.csv": "1,2\n",
  "prices/b.csv": "3,4\n",
  "base/mzbuild.yml": "name: base\n",
  "base/Dockerfile": "FROM scratch\nCOPY os /\n",
  "base/os": "an operating system",
  "apps/till/mzbuild.yml":
    "name: till\npre-image:\n  - type: copy\n    source: prices\n    destination: data\n    matching: '*.csv'\n",
  "apps/till/Dockerfile": 'MZFROM base\nCOPY data /data\nCOPY till /bin/\nENTRYPOINT ["/bin/till"]\n',
  "apps/till/till": "#!/bin/sh\n",
};

export const hostVariant = variantOf({}, { env: {}, hostArchitecture: process.arch });

/** What the image `till` is called on a client. */
export async function specOnClient(repository: GitRepository, variant: Variant = hostVariant): Promise<string> {
  const fingerprints = await (await repository.open()).fingerprints(["till"], variant);
  return `shop-till:mzbuild-${fingerprints.get("till")}`;
}
