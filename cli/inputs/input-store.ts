/** Input records on this machine: of everything that was built here, a file a fingerprint. docs/mzimage.md, "why". */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { type Fingerprint, type KeptInputs, readInputRecord, writeInputRecord } from "../../mzbuild/index.ts";
import type { Terminal } from "../terminal.ts";

const packed = promisify(gzip);
const unpacked = promisify(gunzip);

/** A cache that can't be written costs only the memory of these inputs. */
export async function keepInputs(terminal: Terminal, records: ReadonlyMap<Fingerprint, KeptInputs>): Promise<void> {
  const directory = directoryOf(terminal);
  await mkdir(directory, { recursive: true }).catch(() => undefined);
  for (const [fingerprint, inputs] of records) {
    const path = join(directory, fileOf(fingerprint));
    const temporary = `${path}.${process.pid}`;
    // What comes from the cache takes no time: the time of the build that made it stays.
    if (inputs.buildMs === undefined && (await keptInputs(terminal, fingerprint)) !== undefined) continue;
    try {
      await writeFile(temporary, await packed(writeInputRecord(inputs)));
      await rename(temporary, path);
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
      return;
    }
  }
}

export async function keptInputs(terminal: Terminal, fingerprint: Fingerprint): Promise<KeptInputs | undefined> {
  try {
    const bytes = await readFile(join(directoryOf(terminal), fileOf(fingerprint)));
    return readInputRecord(await unpacked(bytes), fingerprint);
  } catch {
    return undefined; // not there, or half a file: as if it were not there
  }
}

function fileOf(fingerprint: Fingerprint): string {
  return `${fingerprint}.json.gz`;
}

function directoryOf({ env, homeDir }: Terminal): string {
  return join(env["XDG_CACHE_HOME"] || join(homeDir, ".cache"), "mzbuild", "inputs");
}
