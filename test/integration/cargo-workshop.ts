// Small Cargo workspaces on the shared engine, for tests: each test has a directory, caches and an id of its own.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { readStepFailure, type StepFailure } from "../../mzbuild/index.ts";
import { type GitRepository, repositoryAt } from "../mzbuild/git-repository.ts";
import {
  buildCargo,
  type CargoBuild,
  type CargoEngine,
  type CargoOutcome,
  cargoEngine,
  forgetCaches,
} from "./cargo-builds.ts";

export const architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
export const otherArchitecture = architecture === "x86_64" ? "aarch64" : "x86_64";

/** What the test at hand works with. */
export class Workshop {
  readonly engine: CargoEngine;
  readonly directory = mkdtempSync(join(tmpdir(), "mzbuild-cargo-"));
  /** Where the trees of builds go. */
  readonly destination = join(this.directory, "out");
  readonly id = `test-${randomUUID()}`;

  constructor(engine: CargoEngine) {
    this.engine = engine;
  }

  checkout(name: string, files: Readonly<Record<string, string>>): GitRepository {
    const root = join(this.directory, name);
    mkdirSync(root);
    const git = repositoryAt(root);
    git.git("init", "--quiet", "--initial-branch=main");
    // The engine remembers earlier runs of the tests by content: theirs is another.
    git.write({ ...files, "src/one/ID": this.id, "src/two/ID": this.id });
    return git;
  }

  async build(git: GitRepository, images: readonly string[], options: Partial<CargoBuild> = {}): Promise<CargoOutcome> {
    const { id, destination } = this;
    return buildCargo(this.engine, {
      repository: await git.open(),
      root: git.root,
      id,
      images,
      destination,
      ...options,
    });
  }

  /** Like {@link build}, of what must succeed. */
  async built(...args: Parameters<Workshop["build"]>): Promise<CargoOutcome> {
    const outcome = await this.build(...args);
    if (outcome.failure !== undefined) throw new Error(`${outcome.failure.message}\n${outcome.log}`);
    return outcome;
  }

  /** A file that an image got. */
  taken(image: string, name: string, target: string = architecture): string {
    return join(this.destination, image, target, name);
  }

  /** What the program prints. */
  run(image: string, name = image): string {
    return execFileSync(this.taken(image, name), { encoding: "utf8" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
    await forgetCaches(this.engine, this.id);
  }
}

/** Gives each test of a file a {@link Workshop}, on one connection. */
export function eachWithWorkshop(): () => Workshop {
  let engine: CargoEngine | undefined;
  let workshop: Workshop | undefined;
  beforeAll(async () => {
    engine = await cargoEngine();
  });
  afterAll(() => engine?.client.close());
  beforeEach(() => {
    workshop = engine === undefined ? undefined : new Workshop(engine);
  });
  afterEach(() => workshop?.[Symbol.asyncDispose]());
  return () => {
    if (workshop === undefined) throw new Error("there is a workshop within a test only");
    return workshop;
  };
}

export function vertex({ vertices }: CargoOutcome, name: RegExp) {
  return vertices.find((each) => name.test(each.name));
}

/** What the step that failed says of that. */
export function failureOf({ log }: CargoOutcome): StepFailure | undefined {
  return readStepFailure(stripVTControlCharacters(log).split("\n"));
}

export const manifest = (name: string, more = ""): string =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}`;

export const imageOf = (name: string, step = ""): Record<string, string> => ({
  [`images/${name}/mzbuild.yml`]: `name: ${name}\npre-image:\n  - type: cargo-build\n    bin: ${name}\n${step}`,
  [`images/${name}/Dockerfile`]: "FROM scratch\n",
});

/** Two programs on a library whose build script reads a directory and whose sources include a file. */
export const small: Readonly<Record<string, string>> = {
  "Cargo.toml": '[workspace]\nmembers = ["src/one", "src/two", "src/lib"]\nresolver = "2"\n',
  "Cargo.lock": `version = 3

[[package]]
name = "lib"
version = "0.1.0"

[[package]]
name = "one"
version = "0.1.0"
dependencies = [
 "lib",
]

[[package]]
name = "two"
version = "0.1.0"
`,
  "src/one/Cargo.toml": manifest("one", '[dependencies]\nlib = { path = "../lib" }\n'),
  "src/one/src/main.rs": 'fn main() { println!("one A {}", lib::text()) }\n',
  "src/two/Cargo.toml": manifest("two"),
  "src/two/src/main.rs": 'fn main() { println!("two A") }\n',
  "src/lib/Cargo.toml": manifest("lib"),
  "src/lib/build.rs": `fn main() {
    println!("cargo::rerun-if-changed=data");
    let mut names: Vec<_> = std::fs::read_dir("data").unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let text: Vec<_> = names.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    println!("cargo::rustc-env=DATA={}", text.join("+"));
}
`,
  "src/lib/src/lib.rs": `pub fn text() -> String { format!("lib A {} {}", env!("DATA"), include_str!("note.txt")) }\n`,
  "src/lib/src/note.txt": "note",
  "src/lib/data/first": "first",
  ...imageOf("one"),
  ...imageOf("two"),
};
