/**
 * Some files with other contents, among all others as they are: a directory in which every path leads to what it leads to from `/`,
 * but for those. For programs that find files from within files, relative to each other.
 */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Mirror extends AsyncDisposable {
  /** What `/` is in it. */
  readonly root: string;
}

/** `texts` by absolute path; `directories` are to be directories there, not links. */
export async function mirrorFiles(texts: ReadonlyMap<string, string>, directories: readonly string[]): Promise<Mirror> {
  const root = await mkdtemp(join(tmpdir(), "mzcompose-files-"));
  const real = new Set<string>();
  for (const directory of [...directories, ...[...texts.keys()].map((path) => dirname(path))]) {
    for (let at = directory; ; at = dirname(at)) {
      real.add(at);
      if (dirname(at) === at) break;
    }
  }
  // Parents first.
  for (const directory of [...real].sort()) {
    await mkdir(root + directory, { recursive: true });
    for (const name of await readdir(directory)) {
      const path = join(directory, name);
      if (!real.has(path) && !texts.has(path) && path !== root) await symlink(path, root + path);
    }
  }
  for (const [path, text] of texts) await writeFile(root + path, text);
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}
