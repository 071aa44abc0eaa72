/** Real git repositories in temporary directories. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gitWorkTree, openRepository, type Repository, type SourceTree } from "../../mzbuild/index.ts";
import { GIT_ENV } from "./sample.ts";

export interface GitRepository extends Disposable {
  readonly root: string;
  readonly env: typeof GIT_ENV;
  /** Standard output of git, run at the root. */
  git(...args: readonly string[]): string;
  /** Writes files; a text that begins with "-> " makes a link, one that begins with "#!" an executable. */
  write(files: Readonly<Record<string, string>>): void;
  remove(path: string): void;
  /** Adds everything that is not ignored and commits it. */
  commit(): void;
  tree(): SourceTree;
  open(): Promise<Repository>;
}

export function gitRepository(files: Readonly<Record<string, string>> = {}): GitRepository {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), "mzbuild-git-")));
  const repository = repositoryAt(join(parent, "work tree"), () => rmSync(parent, { recursive: true, force: true }));
  mkdirSync(repository.root);
  repository.git("init", "--quiet", "--initial-branch=main");
  repository.write(files);
  repository.commit();
  return repository;
}

export function repositoryAt(root: string, dispose = () => {}): GitRepository {
  const env = { ...GIT_ENV };
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "protocol.file.allow=always", ...args], { cwd: root, env, encoding: "utf8" });
  return {
    root,
    env,
    git,
    write: (files) => {
      for (const [path, content] of Object.entries(files)) writeFile(join(root, path), content);
    },
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    commit: () => {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "--message", "A state");
    },
    tree: () => gitWorkTree(root, { env }),
    open: () => openRepository(gitWorkTree(root, { env })),
    [Symbol.dispose]: dispose,
  };
}

/** An image of two files, and whatever else is given. */
export function image(name: string, files: Readonly<Record<string, string>> = {}): Record<string, string> {
  const all = { "mzbuild.yml": `name: ${name}\n`, Dockerfile: "FROM scratch\n", ...files };
  return Object.fromEntries(Object.entries(all).map(([path, content]) => [`images/${name}/${path}`, content]));
}

function writeFile(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (content.startsWith("-> ")) {
    rmSync(path, { force: true });
    symlinkSync(content.slice(3), path);
  } else {
    writeFileSync(path, content);
    chmodSync(path, content.startsWith("#!") ? 0o755 : 0o644);
  }
}

/** A Cargo workspace of one crate without dependencies, in `src/NAME`. */
export function crate(name: string, main: string): Record<string, string> {
  return {
    "Cargo.toml": `[workspace]\nmembers = ["src/${name}"]\nresolver = "2"\n[profile.optimized]\ninherits = "release"\n`,
    "Cargo.lock": `version = 4\n\n[[package]]\nname = "${name}"\nversion = "0.1.0"\n`,
    [`src/${name}/Cargo.toml`]: `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n`,
    [`src/${name}/src/main.rs`]: main,
  };
}
