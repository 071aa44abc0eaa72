/**
 * The embedded engine's buildkitd.toml: our defaults, with the user's own file laid over them table by table.
 * Contract: moby/buildkit v0.33.0: cmd/buildkitd/config/config.go, docs/buildkitd.toml.md.
 */
import { readFile } from "node:fs/promises";
import { parse, stringify } from "smol-toml";
import { EngineError } from "../engine-error.ts";
import type { EmbeddedLayout } from "./layout.ts";

type Table = { [key: string]: unknown };

/**
 * How much disk the cache may take: never cut below 10 GB, nor let grow over 80 GB or into the disk's last tenth.
 * BuildKit's own policy drops cache mounts and local sources after two days unused, and with them every `cargo build`'s
 * target directory over a weekend: here they get two weeks.
 */
const CAPS = { reservedSpace: "10GB", maxUsedSpace: "80GB", minFreeSpace: "10%" };
const GC_POLICY = [
  {
    filters: ["type==source.local", "type==exec.cachemount", "type==source.git.checkout"],
    keepDuration: "336h",
    maxUsedSpace: "2GB",
  },
  { keepDuration: "1440h", ...CAPS },
  { ...CAPS },
  { all: true, ...CAPS },
];

/** The text of the configuration. Throws `EngineError` "bad-engine-config" for a user's file that is no TOML. */
export async function buildkitdConfig(layout: EmbeddedLayout, rootless: boolean): Promise<string> {
  const ours: Table = {
    root: layout.rootDir,
    // The socket is its owner's alone, who may do all this without us; a build must ask for it besides.
    "insecure-entitlements": ["network.host", "security.insecure"],
    grpc: { address: [`unix://${layout.socket}`] },
    otel: { socketPath: layout.otelSocket },
    worker: {
      oci: { enabled: true, rootless, networkMode: "host", gc: true, gcpolicy: GC_POLICY },
      containerd: { enabled: false },
    },
  };
  return stringify(merge(ours, await userConfig(layout.userConfigFile)));
}

async function userConfig(file: string): Promise<Table> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return {};
  try {
    return parse(text);
  } catch (cause) {
    const message = `${file} is not valid TOML: ${cause instanceof Error ? cause.message : cause}`;
    throw new EngineError("bad-engine-config", message, { cause });
  }
}

/** Tables are merged, everything else (lists too) is replaced. */
function merge(under: Table, over: Table): Table {
  const merged: Table = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isTable(below) && isTable(value) ? merge(below, value) : value;
  }
  return merged;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
