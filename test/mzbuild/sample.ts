/** The mzbuild sample repository, made afresh, and what the reference implementation computes for it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gitWorkTree, openRepository, type Repository } from "../../mzbuild/index.ts";

const DATA = fileURLToPath(new URL("../testdata/mzbuild-sample/", import.meta.url));

export type State = "clean" | "dirty";

export interface GoldenImage {
  readonly path: string;
  readonly publish: boolean;
  readonly mainline: boolean;
  readonly description: string | null;
  readonly build_args: Readonly<Record<string, string>>;
  readonly mzfrom: readonly string[];
  readonly dependencies: readonly string[];
  readonly transitive_dependencies: readonly string[];
  readonly pre_images: readonly string[];
  readonly inputs: readonly string[];
  readonly dockerfile: string;
}

export interface Goldens {
  readonly commit: string;
  readonly states: Readonly<
    Record<
      State,
      {
        readonly list: readonly string[];
        readonly fingerprints: Readonly<Record<string, Readonly<Record<string, string>>>>;
        readonly images: Readonly<Record<string, GoldenImage>>;
        readonly compositions: Readonly<Record<string, string>>;
      }
    >
  >;
  /** By mode: what Compose gets for the composition `smoke`. */
  readonly compose: Readonly<Record<string, { readonly compose: unknown }>>;
  readonly contexts: Readonly<Record<string, Readonly<Record<string, "file" | "executable" | "link">>>>;
}

export const goldens: Goldens = JSON.parse(readFileSync(join(DATA, "goldens.json"), "utf8"));

export interface Sample extends Disposable {
  readonly root: string;
  open(): Promise<Repository>;
}

/** git without the configuration of the user who runs the tests. */
export const GIT_ENV = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.invalid",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.invalid",
};

export function makeSample(state: State): Sample {
  const parent = mkdtempSync(join(tmpdir(), "mzbuild-sample-"));
  const root = join(parent, "repository");
  execFileSync("bash", [join(DATA, "make.sh"), root, ...(state === "dirty" ? ["--dirty"] : [])], { env: GIT_ENV });
  return {
    root,
    open: () => openRepository(gitWorkTree(root, { env: GIT_ENV })),
    [Symbol.dispose]: () => rmSync(parent, { recursive: true, force: true }),
  };
}
