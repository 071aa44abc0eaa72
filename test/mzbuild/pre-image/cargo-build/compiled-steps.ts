// Cargo steps of small repositories, compiled to LLB, and what tests look at in that.
import {
  type ExecOp,
  type FileOp,
  image,
  linux,
  local,
  type Mount,
  type Output,
  type State,
} from "../../../../llb/index.ts";
import { parseSettings, type Repository, type Variant, variantOf } from "../../../../mzbuild/index.ts";
import {
  type CargoBuildStep,
  type CargoWorld,
  cargoBuildKind,
  declarationOf,
  type PreImageUse,
} from "../../../../mzbuild/pre-image/index.ts";
import { cargoFlagsOf } from "../../../../mzbuild/settings/settings.ts";
import { gitRepository, image as imageFiles } from "../../git-repository.ts";

export const crate = (name: string, dependencies = "") => ({
  [`src/${name}/Cargo.toml`]: `[package]\nname = "${name}"\nversion = "0.1.0"\n\n[dependencies]\n${dependencies}`,
});

export const repositoryFiles = {
  "Cargo.toml":
    '[workspace]\nmembers = ["src/app", "src/util", "src/other", "src/native"]\n\n[profile.optimized]\ninherits = "release"\n',
  "Cargo.lock": "version = 4\n",
  ...crate("app", 'util = { path = "../util" }\n\n[features]\nx = []\ny = []\n'),
  "src/app/src/main.rs": "",
  "src/app/examples/load.rs": "",
  ...crate("util"),
  "src/util/src/lib.rs": "",
  ...crate("other"),
  "src/other/src/bin/other.rs": "",
  ...crate("native"),
  "src/native/build.rs": "",
  "src/native/src/main.rs": "",
};

export interface Question {
  readonly base?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<string, string>>;
  readonly variant?: Partial<Variant>;
  readonly settings?: string;
}

interface Opened {
  readonly repository: Repository;
  readonly uses: readonly PreImageUse<CargoBuildStep>[];
  readonly sources: CargoWorld["sources"];
}

/** Repositories by their files: many tests ask about the same one. */
const opened = new Map<string, Promise<Opened>>();

function open(files: Readonly<Record<string, string>>, images: readonly string[]): Promise<Opened> {
  const key = JSON.stringify(files);
  const found = opened.get(key) ?? openOnce(files, images);
  opened.set(key, found);
  return found;
}

async function openOnce(files: Readonly<Record<string, string>>, images: readonly string[]): Promise<Opened> {
  using git = gitRepository(files);
  const repository = await git.open();
  const uses: PreImageUse<CargoBuildStep>[] = [];
  for (const name of images) {
    const context = await repository.context(name);
    for (const step of context.steps)
      if (step.kind === "cargo-build")
        uses.push({ image: name, declaration: declarationOf(repository.image(name)), context, step });
  }
  return { repository, uses, sources: await repository.cargoSources(uses.map(({ step }) => step.step)) };
}

/** The trees of the images' cargo steps, by image. */
export async function compile(question: Question): Promise<ReadonlyMap<string, State>> {
  const { base = repositoryFiles, files = {}, steps, variant = {}, settings = "" } = question;
  const images = Object.entries(steps).map(([name, step]) =>
    imageFiles(name, {
      "mzbuild.yml": `name: ${name}\npre-image:\n  - type: cargo-build\n${step.replace(/^/gm, "    ")}\n`,
    }),
  );
  const { repository, uses, sources } = await open(Object.assign({}, base, files, ...images), Object.keys(steps));
  const made = variantOf(variant, { env: {}, hostArchitecture: "x64" });
  const said = parseSettings(Buffer.from(settings));
  const world: CargoWorld = {
    builder: image("builder:1", { platform: linux("amd64") }).env("PATH", "/bin"),
    builderKey: "builder:1",
    buildArchitecture: "x86_64",
    variant: made,
    repositoryId: "repo",
    workspace: repository.workspace!,
    sources,
    flags: cargoFlagsOf({ ...repository.settings, cargo: said.cargo }, made),
    access: said.cargoAccess,
    files: (paths, purpose) => local("repository", { includePatterns: paths, sharedKeyHint: purpose.what }),
  };
  const trees = cargoBuildKind.compile(uses, world);
  return new Map(uses.map((use, index) => [use.image, trees[index]!]));
}

const fileOp = (state: State | undefined): FileOp => {
  const op = state?.output?.vertex.op;
  if (op?.kind !== "file") throw new Error("not a file op");
  return op;
};

export const execOp = (output: Output | undefined): ExecOp => {
  const op = output?.vertex.op;
  if (op?.kind !== "exec") throw new Error("not an exec");
  return op;
};

/** `FROM → TO` of every copy. */
export const copies = (state: State | undefined): readonly string[] =>
  fileOp(state).actions.map((action) =>
    action.kind === "copy" ? `${action.from} → ${action.destination}` : action.kind,
  );

/** The vertex that a tree is copied out of. */
export function buildOf(state: State | undefined): ExecOp {
  const [action] = fileOp(state).actions;
  if (action?.kind !== "copy" || action.source.kind !== "output") throw new Error("no copy");
  return execOp(action.source.output);
}

export const mountAt = (op: ExecOp, target: string): Mount => op.mounts.find((mount) => mount.target === target)!;

export function inputAt(op: ExecOp, target: string): Output | undefined {
  const mount = mountAt(op, target);
  return mount.kind === "bind" ? mount.from : undefined;
}

export function scriptOf(op: ExecOp): string {
  const script = inputAt(op, "/mzbuild/scripts")?.vertex.op;
  const action = script?.kind === "file" ? script.actions[0] : undefined;
  if (action?.kind !== "mkfile") throw new Error("no script");
  return Buffer.from(action.data).toString();
}

export const lineOf = (op: ExecOp, start: string): string | undefined =>
  scriptOf(op)
    .split("\n")
    .find((line) => line.startsWith(start));

export const variablesOf = (op: ExecOp): Record<string, string> =>
  Object.fromEntries(op.process.env.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));

export function filesOf(output: Output | undefined): readonly string[] {
  const op = output?.vertex.op;
  if (op?.kind !== "source") throw new Error("no source");
  return JSON.parse(op.attrs["local.includepattern"]!);
}
