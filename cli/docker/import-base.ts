/** Bases for Docker's own BuildKit, which takes no OCI layouts from its clients: imported into Docker, under a name of ours. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BaseImage } from "../../client/index.ts";
import { type DockerCommand, runDocker } from "./docker-command.ts";
import { imagesInDocker } from "./docker-images.ts";

interface Named {
  readonly digest: string;
}
interface Index {
  readonly manifests: readonly (Named & { readonly platform: { readonly architecture: string } })[];
}
interface Manifest {
  readonly config: Named;
  readonly layers: readonly Named[];
}
interface Config {
  readonly config: { readonly Env: readonly string[]; readonly Cmd: readonly string[] };
}

/**
 * Imports the image of one processor ("amd64") unless it is there; resolves to its name. undefined where Docker can't import it, or
 * the image consists of more than a root file system.
 */
export async function importBase(
  docker: DockerCommand,
  { layoutDir, digest }: BaseImage,
  architecture: string,
): Promise<string | undefined> {
  const name = `mzbuild-base:${digest.replace(/^sha256:/, "").slice(0, 12)}-${architecture}`;
  if ((await imagesInDocker(docker, [name])).has(name)) return name;
  const blob = (of: Named): string => join(layoutDir, "blobs", of.digest.replace(":", "/"));
  // Layouts of our own making (client/base-image), named by their content.
  const index = JSON.parse(await readFile(blob({ digest }), "utf8")) as Index;
  const found = index.manifests.find(({ platform }) => platform.architecture === architecture);
  if (found === undefined) return undefined;
  const { config, layers } = JSON.parse(await readFile(blob(found), "utf8")) as Manifest;
  const [layer, ...more] = layers;
  if (layer === undefined || more.length > 0) return undefined;
  const { Env, Cmd } = (JSON.parse(await readFile(blob(config), "utf8")) as Config).config;
  const changes = [...Env.map((variable) => `ENV ${variable}`), `CMD ${JSON.stringify(Cmd)}`];
  const options = ["--platform", `linux/${architecture}`, ...changes.flatMap((change) => ["--change", change])];
  const { exitCode } = await runDocker(docker, ["import", ...options, blob(layer), name]);
  return exitCode === 0 ? name : undefined;
}
