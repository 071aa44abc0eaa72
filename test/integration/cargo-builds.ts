// Builds Cargo programs of small repositories on a real engine, with the builder image of the tour.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { certificateFile } from "../../cli/build/certificates.ts";
import {
  type ContentStore,
  connectAddress,
  contentService,
  directoryTree,
  fileSendService,
  fileSyncService,
  layoutStoreId,
  type ProgressVertex,
  parseCacheOption,
  planCaches,
  provideDebianBase,
  prune,
  RpcClient,
  type SecretSource,
  type SshForward,
  secretsService,
  solve,
  sshService,
} from "../../client/index.ts";
import {
  copy,
  definitionToProto,
  type ExecOp,
  linux,
  local,
  marshal,
  type Output,
  ociLayout,
  type State,
  scratch,
} from "../../llb/index.ts";
import {
  CA_SECRET,
  type CargoAccess,
  NO_ACCESS,
  type Repository,
  type Variant,
  variantOf,
} from "../../mzbuild/index.ts";
import { type CargoBuildStep, cargoBuildKind, declarationOf, type PreImageUse } from "../../mzbuild/pre-image/index.ts";
import { say, testEngine, testHost } from "./engine.ts";

/** A daemon, and images to run cargo in. */
export interface CargoEngine {
  readonly client: RpcClient;
  /** The tour's. */
  readonly builder: State;
  /** Debian without a toolchain. */
  readonly bare: State;
  readonly layouts: ReadonlyMap<string, ContentStore>;
}

/** From the project's root, where tests and benchmarks run. */
const BUILDER_RECIPE = "examples/tour/ci/builder/Dockerfile";
const hostArchitecture = process.arch === "arm64" ? "arm64" : "amd64";

/** On the shared engine, or on one at another address. */
export async function cargoEngine(other?: string): Promise<CargoEngine> {
  const address = other ?? (await testEngine()).address;
  const platforms = [`linux/${hostArchitecture}`];
  const base = await provideDebianBase(testHost(), { suite: "trixie", include: ["ca-certificates"], platforms }, say);
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const platform = linux(hostArchitecture);
  const bare = ociLayout(`local/base@${base.digest}`, { storeId: "base", platform }).env("PATH", path);
  // The recipe of the tour's builder: one FROM, one RUN.
  const recipe = readFileSync(BUILDER_RECIPE, "utf8").replace(/^#.*\n/gm, "");
  const command = /^RUN ([\s\S]*)/m.exec(recipe)?.[1]?.replaceAll("\\\n", "") ?? "";
  return {
    client: new RpcClient({ connect: connectAddress(address) }),
    bare,
    builder: bare.run(["/bin/sh", "-c", command], { name: "builder of the tour" }).root,
    layouts: new Map([[layoutStoreId("base"), { path: base.layoutDir, writable: false }]]),
  };
}

/** What a solve is given besides its graph. */
export interface SolveSetting {
  /** Directories of this machine by the names of local sources. */
  readonly directories: Readonly<Record<string, string>>;
  /** Where the result goes; nowhere if undefined. */
  readonly destination?: string | undefined;
  /** Aborted when this appears in the output. */
  readonly abortAt?: string | undefined;
  readonly secrets?: ReadonlyMap<string, SecretSource> | undefined;
  /** A file with certificates to trust, instead of this machine's. */
  readonly certificates?: string | undefined;
  readonly sshForwards?: readonly SshForward[] | undefined;
  readonly caches?: Caches | undefined;
}

/** As the values of --cache-from and --cache-to. */
export interface Caches {
  readonly from?: string;
  readonly to?: string;
}

export interface CargoBuild {
  readonly repository: Repository;
  readonly root: string;
  /** Names the caches. */
  readonly id: string;
  readonly images: readonly string[];
  /** Of the profile dev for this machine, where they don't say otherwise. */
  readonly variants?: readonly Partial<Variant>[];
  readonly env?: Readonly<Record<string, string>>;
  readonly rustflags?: readonly string[];
  readonly builder?: State;
  readonly access?: Partial<CargoAccess>;
  readonly caches?: Caches;
  /** Besides certificates. */
  readonly secrets?: ReadonlyMap<string, SecretSource>;
  readonly certificates?: string;
  readonly sshForwards?: readonly SshForward[];
  /** Where the trees go: `IMAGE/ARCHITECTURE/…`; nowhere if left out. */
  readonly destination?: string;
  /** More directories that the graph may name, besides "repository". */
  readonly directories?: Readonly<Record<string, string>>;
  readonly abortAt?: string;
}

export interface CargoOutcome {
  readonly failure: { readonly message: string; readonly exitCode: number | undefined } | undefined;
  readonly cancelled: boolean;
  /** Vertices in the order in which they began, each as it was last seen. */
  readonly vertices: readonly ProgressVertex[];
  readonly log: string;
}

/** Builds the Cargo programs of images for each variant, all in one solve. */
export async function buildCargo(engine: CargoEngine, build: CargoBuild): Promise<CargoOutcome> {
  const { root, destination, abortAt, secrets, certificates, sshForwards, caches } = build;
  const trees = await Promise.all((build.variants ?? [{}]).map((variant) => compileTrees(engine, build, variant)));
  const directories = { repository: root, ...build.directories };
  return solveState(engine, scratch().file(trees.flat()), {
    directories,
    destination,
    abortAt,
    secrets,
    certificates,
    sshForwards,
    caches,
  });
}

export async function solveState(engine: CargoEngine, state: State, setting: SolveSetting): Promise<CargoOutcome> {
  const { directories, destination, abortAt } = setting;
  const vertices = new Map<string, ProgressVertex>();
  const log: Uint8Array[] = [];
  const certificates = setting.certificates ?? (await certificateFile(process.env));
  const secrets = new Map<string, SecretSource>(setting.secrets);
  if (certificates !== undefined) secrets.set(CA_SECRET, { kind: "file", path: certificates });
  const locals = Object.entries(directories).map(([name, path]) => [name, directoryTree(path)] as const);
  const target = { kind: "directory", path: destination ?? "", deleteExtraneous: false } as const;
  const { from, to } = setting.caches ?? {};
  const caches = await planCaches(
    from === undefined ? [] : parseCacheOption("--cache-from", from),
    to === undefined ? [] : parseCacheOption("--cache-to", to),
    { directory: "/" },
  );
  const abort = new AbortController();
  const ssh = await sshService(setting.sshForwards ?? [], process.env);
  const result = await solve(engine.client, {
    work: { kind: "definition", definition: definitionToProto(marshal(state.output)) },
    services: [
      ...fileSyncService(new Map(locals)),
      ...contentService(new Map([...engine.layouts, ...caches.stores]), { now: () => 0 }),
      ...secretsService(secrets),
      ...ssh.handlers,
      ...fileSendService(new Map([[0, target]])),
    ],
    sharedKey: Object.values(directories).join(),
    exporters: destination === undefined ? [] : [{ Type: "local", Attrs: {} }],
    cacheImports: caches.imports,
    cacheExports: caches.exports,
    onProgress: (event) => {
      if (event.kind === "vertex") vertices.set(event.digest, event);
      if (event.kind !== "log") return;
      log.push(event.data);
      if (abortAt !== undefined && Buffer.from(event.data).includes(abortAt)) abort.abort();
    },
    signal: abort.signal,
  }).finally(() => ssh.close());
  if (result.kind === "done") await caches.finish(result.exporterResponse);
  return {
    failure: result.kind === "failed" ? result.failure : undefined,
    cancelled: result.kind === "cancelled",
    vertices: [...vertices.values()],
    log: Buffer.concat(log).toString(),
  };
}

async function compileTrees(engine: CargoEngine, build: CargoBuild, partial: Partial<Variant>) {
  const { repository, images } = build;
  const variant = variantOf({ profile: "dev", ...partial }, { env: {}, hostArchitecture: process.arch });
  const uses: PreImageUse<CargoBuildStep>[] = [];
  for (const image of images) {
    const context = await repository.context(image);
    for (const step of context.steps)
      if (step.kind === "cargo-build")
        uses.push({ image, declaration: declarationOf(repository.image(image)), context, step });
  }
  const trees = cargoBuildKind.compile(uses, {
    builder: build.builder ?? engine.builder,
    builderKey: "the tour's",
    buildArchitecture: hostArchitecture === "arm64" ? "aarch64" : "x86_64",
    variant,
    repositoryId: build.id,
    workspace: repository.workspace!,
    sources: await repository.cargoSources(uses.map(({ step }) => step.step)),
    flags: { rustflags: build.rustflags ?? [], env: new Map(Object.entries(build.env ?? {})) },
    access: { ...NO_ACCESS, ...build.access },
    files: (paths, { what }) => local("repository", { includePatterns: paths, sharedKeyHint: what, name: what }),
  });
  return uses.map(({ image }, index) =>
    copy(trees[index]!, "/", `/${image}/${variant.architecture}`, { dirCopyContents: true, createDestPath: true }),
  );
}

/** Names of the crates that were compiled. */
export function compiled({ log }: CargoOutcome): readonly string[] {
  return [...stripVTControlCharacters(log).matchAll(/Compiling (\S+)/g)].map(([, name]) => name ?? "");
}

/**
 * Leaves the caches of a build as if its machine's clock had been set back by a day since: everything in them is a day newer.
 * The build has to be one that was made.
 */
export async function setClockBack(engine: CargoEngine, build: CargoBuild): Promise<void> {
  const [tree] = (await compileTrees(engine, build, {})).map((action) => scratch().file([action]));
  const mounts = tree === undefined ? [] : execsUnder(tree.output).flatMap((op) => op.mounts);
  const caches = mounts.filter((mount) => mount.kind === "cache" && mount.id.includes(build.id));
  const aged = 'for file; do touch -c -h -d "@$(($(stat -c %Y "$file") + 86400))" "$file"; done';
  const script = `echo ${randomUUID()}; find /caches -mindepth 2 -depth -exec sh -c '${aged}' sh {} +`;
  const state = engine.bare.run(["/bin/sh", "-c", script], {
    mounts: caches.map((mount, index) => ({ ...mount, target: `/caches/${index}` })),
  }).root;
  const { failure } = await solveState(engine, state, { directories: {} });
  if (failure !== undefined) throw new Error(failure.message);
}

function execsUnder(output: Output | undefined): readonly ExecOp[] {
  const op = output?.vertex.op;
  if (op?.kind === "exec") {
    return [op, ...op.mounts.flatMap((mount) => (mount.kind === "bind" ? execsUnder(mount.from) : []))];
  }
  if (op?.kind !== "file") return [];
  return op.actions.flatMap((action) =>
    action.kind === "copy" && action.source.kind === "output" ? execsUnder(action.source.output) : [],
  );
}

/** Removes the cache mounts of a test. */
export async function forgetCaches(engine: CargoEngine, id: string): Promise<void> {
  const records = prune(engine.client, { filter: [`type==exec.cachemount,description~=${id}`] });
  for await (const _removed of records);
}
