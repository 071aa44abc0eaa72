/** A workspace to measure with: 30 crates in five layers, three programs, and well over a hundred packages of crates.io. */

export const CRATES = 30;
const PER_LAYER = 6;

/** What the crates use, each crate a few of them. */
const dependencies: readonly string[] = [
  'anyhow = "1"',
  'base64 = "0.22"',
  'bytes = "1"',
  'clap = { version = "4.5", features = ["derive"] }',
  'csv = "1"',
  'flate2 = "1"',
  'futures = "0.3"',
  'http = "1"',
  'indexmap = "2"',
  'itertools = "0.14"',
  'log = "0.4"',
  'parking_lot = "0.12"',
  'regex = "1"',
  'serde = { version = "1", features = ["derive"] }',
  'serde_json = "1"',
  'sha2 = "0.10"',
  'thiserror = "2"',
  'tokio = { version = "1", features = ["rt-multi-thread", "macros", "net", "time", "sync", "io-util"] }',
];

/** Files by path. The programs are `app0` to `app2`, in the images of these names; `crate0` is under all of them. */
export function generatedWorkspace(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  const members: string[] = [];
  const add = (
    name: string,
    needs: readonly string[],
    external: readonly string[],
    source: readonly [string, string],
  ) => {
    members.push(`src/${name}`);
    const paths = needs.map((need) => `${need} = { path = "../${need}" }`);
    files[`src/${name}/Cargo.toml`] =
      `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n${[...paths, ...external].join("\n")}\n`;
    files[`src/${name}/src/${source[0]}`] = source[1];
  };
  for (let index = 0; index < CRATES; index++) {
    const below = index - (index % PER_LAYER) - PER_LAYER;
    const needs =
      below < 0 ? (index === 0 ? [] : ["crate0"]) : [`crate${below + (index % PER_LAYER)}`, `crate${below}`];
    const unique = [...new Set(needs)];
    const external = dependencies.filter((_, each) => each % CRATES === index);
    add(`crate${index}`, unique, external, ["lib.rs", librarySource(index, unique)]);
  }
  for (let index = 0; index < 3; index++) {
    const needs = [0, 1].map((offset) => `crate${CRATES - 1 - 2 * index - offset}`);
    const calls = needs.map((need) => `${need}::total(1)`).join(" + ");
    add(`app${index}`, needs, [], ["main.rs", `fn main() {\n    println!("{}", ${calls});\n}\n`]);
    files[`images/app${index}/mzbuild.yml`] =
      `name: app${index}\npre-image:\n  - type: cargo-build\n    bin: app${index}\n`;
    files[`images/app${index}/Dockerfile`] = "FROM scratch\n";
  }
  files[".gitignore"] = "/target\n";
  files["Cargo.toml"] = `[workspace]\nresolver = "2"\nmembers = ${JSON.stringify(members)}\n`;
  return files;
}

/** Enough functions that compiling the crate takes a moment. */
function librarySource(index: number, needs: readonly string[]): string {
  const functions = Array.from({ length: 40 }, (_, each) => {
    return `pub fn step${each}(values: &mut Vec<u64>) {\n    values.sort_by_key(|value| value.wrapping_mul(${index * 40 + each + 1}));\n    values.dedup();\n    values.push(values.iter().map(|value| value ^ ${each}).sum());\n}\n`;
  });
  const below = needs.map((need) => ` + ${need}::total(n)`).join("");
  const steps = Array.from({ length: 40 }, (_, each) => `    step${each}(&mut values);\n`).join("");
  return `${functions.join("")}\npub fn total(n: u64) -> u64 {\n    let mut values = vec![n];\n${steps}    values.iter().sum::<u64>()${below}\n}\n`;
}
