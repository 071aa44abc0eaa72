/**
 * What a `Cargo.lock` says of the workspace's own crates. It is a file of thousands of lines that only cargo writes, each value on a
 * line of its own, so it is read by lines.
 * Contract: rust-lang/cargo: crates/cargo-util-schemas/src/lockfile.rs, versions 1 to 4.
 */

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Names of packages, also those of other platforms and of dev-dependencies. */
  readonly dependencies: ReadonlySet<string>;
}

/** The packages without a source, which are those of directories, by name. Undefined where that can't be told. */
export function ownPackages(bytes: Uint8Array): ReadonlyMap<string, LockedPackage> | undefined {
  const [, ...blocks] = Buffer.from(bytes)
    .toString("utf8")
    .split(/^\[\[package\]\]$/m);
  const packages = new Map<string, LockedPackage>();
  for (const block of blocks) {
    const name = fieldOf(block, "name");
    const version = fieldOf(block, "version");
    if (name === undefined || version === undefined) return undefined;
    if (fieldOf(block, "source") !== undefined) continue;
    // Two crates of one name: which is which cannot be told.
    if (packages.has(name)) return undefined;
    const list = /^dependencies = \[([^\]]*)\]/m.exec(block)?.[1] ?? "";
    // "NAME", or "NAME VERSION (SOURCE)" as far as it takes to tell which one is meant.
    const dependencies = [...list.matchAll(/"([^" ]+)[^"]*"/g)].map(([, dependency]) => dependency ?? "");
    packages.set(name, { name, version, dependencies: new Set(dependencies) });
  }
  return packages.size === 0 ? undefined : packages;
}

function fieldOf(block: string, key: string): string | undefined {
  return new RegExp(`^${key} = "(.*)"\\r?$`, "m").exec(block)?.[1];
}
