/** Makes the image of one platform and enters it into the layout. */
import { runsProgramsOf } from "../engine/emulation.ts";
import { EngineError } from "../engine/engine-error.ts";
import { type EngineHost, goArch, type Setup } from "../engine/host.ts";
import { DEBIAN_SUITE_EPOCH } from "../engine/versions.ts";
import { configurationOf } from "./configuration-layer.ts";
import { provideMmdebstrap, type RootFileSystem, runMmdebstrap } from "./mmdebstrap.ts";
import {
  blobPath,
  type Descriptor,
  hasBlob,
  type Layer,
  manifestBlobs,
  REF_NAME,
  readLayoutIndex,
  writeImage,
  writeLayer,
  writeLayoutIndex,
} from "./oci-layout.ts";

export type Arch = "amd64" | "arm64";

/** What an image is made for. Its name in the layout is `ARCH` or `ARCH-unpacked`. */
export interface Variant {
  readonly arch: Arch;
  readonly mode: RootFileSystem["mode"];
}

export interface Making extends Setup {
  readonly layoutDir: string;
  readonly suite: string;
  readonly include: readonly string[];
  readonly mirror: string | undefined;
}

/** Like the official Debian images. */
const ENV = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];
const CMD = ["bash"];

export async function variantOf(host: EngineHost, arch: Arch): Promise<Variant> {
  return { arch, mode: (await runsProgramsOf(host, arch)) ? "installed" : "unpacked" };
}

/** The manifest of an image that is in the layout with all its blobs. */
export async function findImage(layoutDir: string, variant: Variant): Promise<Descriptor | undefined> {
  const index = await readLayoutIndex(layoutDir);
  const manifest = index.manifests.find((entry) => entry.annotations?.[REF_NAME] === nameOf(variant));
  if (manifest === undefined || !(await hasBlob(layoutDir, manifest))) return undefined;
  for (const blob of await manifestBlobs(layoutDir, manifest)) if (!(await hasBlob(layoutDir, blob))) return undefined;
  return manifest;
}

/** Call it with the layout's lock held. Throws `EngineError`. */
export async function makeImage(making: Making, variant: Variant): Promise<Descriptor> {
  const { host, layoutDir } = making;
  const layers: Layer[] = [];
  if (variant.mode === "installed") {
    const how = goArch(host) === variant.arch ? "" : " under emulation, which takes minutes";
    making.say(`making a base image of Debian ${making.suite} for linux/${variant.arch} from its packages${how}`);
    layers.push(await rootFileSystem(making, variant));
  } else {
    const configured = await configuredLayer(making);
    const why = "whose programs this machine can't run (no emulator)";
    making.say(`unpacking Debian ${making.suite}'s packages for linux/${variant.arch}, ${why}`);
    layers.push(await rootFileSystem(making, variant));
    const file = blobPath(layoutDir, configured.digest);
    layers.push(
      await writeLayer(layoutDir, [await configurationOf(file)], "the configuration of another platform's image"),
    );
  }
  const created = new Date(DEBIAN_SUITE_EPOCH * 1000).toISOString();
  const manifest = await writeImage(layoutDir, { architecture: variant.arch, layers, created, env: ENV, cmd: CMD });
  const { manifests } = await readLayoutIndex(layoutDir);
  const named = { ...manifest, annotations: { [REF_NAME]: nameOf(variant) } };
  const others = manifests.filter((entry) => entry.annotations?.[REF_NAME] !== nameOf(variant));
  await writeLayoutIndex(layoutDir, { manifests: [...others, named] });
  return named;
}

async function rootFileSystem(making: Making, variant: Variant): Promise<Layer> {
  const { layoutDir, suite, include, mirror } = making;
  const program = await provideMmdebstrap(making);
  const wanted: RootFileSystem = { ...variant, suite, include, mirror, epoch: DEBIAN_SUITE_EPOCH };
  const createdBy = `mmdebstrap ${suite} (${variant.mode})`;
  const onLine = (line: string) => {
    const step = /^I: (downloading|installing|extracting|creating tarball)/.test(line);
    if (step) making.say(`  ${line.slice("I: ".length)}`);
  };
  return runMmdebstrap(making, wanted, program, { onLine, read: (tar) => writeLayer(layoutDir, tar, createdBy) });
}

/** The layer of the host's own processor, made now where it is not there. */
async function configuredLayer(making: Making): Promise<Descriptor> {
  const arch = goArch(making.host);
  if (arch === undefined)
    throw new EngineError("engine-unsupported", `no base image can be made on ${making.host.arch}`);
  const own: Variant = { arch, mode: "installed" };
  const manifest = (await findImage(making.layoutDir, own)) ?? (await makeImage(making, own));
  const [layer] = (await manifestBlobs(making.layoutDir, manifest)).slice(1);
  if (layer === undefined) throw new EngineError("base-image-failed", `the image ${manifest.digest} has no layer`);
  return layer;
}

function nameOf({ arch, mode }: Variant): string {
  return mode === "installed" ? arch : `${arch}-${mode}`;
}
