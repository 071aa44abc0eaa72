/**
 * A Go toolchain where none is installed: the one that Go itself would download to update itself, which is a module of
 * the Go module proxy. It is used once and thrown away.
 * Contract: https://go.dev/doc/toolchain, https://go.dev/ref/mod#zip-files.
 */
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { downloadPinned } from "../download.ts";
import { type EngineHost, goArch, type Setup } from "../host.ts";
import { GO_TOOLCHAIN_SHA256, GO_VERSION } from "../versions.ts";
import { zipEntries } from "./zip-file.ts";

export type Toolchain =
  | { readonly kind: "toolchain"; readonly go: string; readonly root: string }
  | { readonly kind: "missing"; readonly reason: string };

/** Unpacks the pinned toolchain (72 MB packed) into `directory`. */
export async function downloadToolchain(setup: Setup, directory: string): Promise<Toolchain> {
  const arch = goArch(setup.host);
  if (arch === undefined) return { kind: "missing", reason: `there is no Go toolchain for ${setup.host.arch}` };
  const name = `v0.0.1-go${GO_VERSION}.linux-${arch}`;
  const url = `${moduleProxy(setup.host)}/golang.org/toolchain/@v/${name}.zip`;
  const file = join(directory, "toolchain.zip");
  setup.say(`downloading Go ${GO_VERSION} to build buildkitd with`);
  const problem = await downloadPinned(setup, { url, sha256: GO_TOOLCHAIN_SHA256[arch] }, file);
  if (problem !== undefined) return { kind: "missing", reason: problem };
  const root = join(directory, "go");
  await unpack(file, `golang.org/toolchain@${name}/`, root);
  // Module archives carry no permissions.
  for (const programs of ["bin", `pkg/tool/linux_${arch}`]) {
    for (const program of await readdir(join(root, programs))) await chmod(join(root, programs, program), 0o755);
  }
  return { kind: "toolchain", go: join(root, "bin/go"), root };
}

/** The first proxy of GOPROXY, which is a list with "," and "|" that may hold "direct" and "off". */
function moduleProxy(host: EngineHost): string {
  const first = (host.env["GOPROXY"] ?? "").split(/[,|]/)[0] ?? "";
  return /^https?:/.test(first) ? first.replace(/\/$/, "") : "https://proxy.golang.org";
}

async function unpack(file: string, prefix: string, root: string): Promise<void> {
  const made = new Set<string>();
  for (const { name, content } of zipEntries(await readFile(file))) {
    if (!name.startsWith(prefix) || name.endsWith("/")) continue;
    const target = join(root, name.slice(prefix.length));
    if (!target.startsWith(`${root}/`)) throw new Error(`${file} has an entry that leads out of it: ${name}`);
    const parent = dirname(target);
    if (!made.has(parent)) await mkdir(parent, { recursive: true });
    made.add(parent);
    await writeFile(target, content());
  }
}
