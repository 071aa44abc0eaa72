/** README.md and description of images, for Docker Hub to show. docs/mzimage.md, "publish". */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  credentialHelper,
  dockerHub,
  HUB_DESCRIPTION_CHARACTERS,
  HUB_TEXT_BYTES,
  type HubTexts,
  registryLogin,
} from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import { imageReference } from "../../mzbuild/index.ts";
import type { OpenRepository } from "../open-repository.ts";
import { dockerConfigOf, fullRepository } from "../registry-access.ts";
import type { Terminal } from "../terminal.ts";
import type { Publication } from "./publication.ts";

/** By repository on Docker Hub, `acme/app`. */
export type Descriptions = ReadonlyMap<string, HubTexts>;

export interface Described {
  readonly repository: string;
  readonly action: "described" | "as it is" | "would describe" | "not there";
}

/** Of images that go to Docker Hub and have a README.md among their inputs. Throws `BuildError` "description-too-long". */
export async function planDescriptions(
  { repository, root }: OpenRepository,
  { images, registries }: Publication,
): Promise<Descriptions> {
  const texts = new Map<string, HubTexts>();
  for (const image of images) {
    const path = `${image.path}/README.md`;
    if (!(await repository.inputs(image.name)).includes(path)) continue;
    const fullDescription = await readFile(join(root.path, path), "utf8");
    const description = (image.description ?? "").replace(/\s+/g, " ").trim();
    checkLength(path, Buffer.byteLength(fullDescription), HUB_TEXT_BYTES, "bytes");
    checkLength(`description of ${image.name}`, description.length, HUB_DESCRIPTION_CHARACTERS, "characters");
    for (const naming of registries) {
      const [, hub] = /^docker\.io\/(.*)/.exec(fullRepository(imageReference(naming, image.name))) ?? [];
      if (hub !== undefined) texts.set(hub, { description, fullDescription });
    }
  }
  return texts;
}

function checkLength(what: string, length: number, most: number, unit: string): void {
  if (length <= most) return;
  throw new BuildError("description-too-long", `${what} has ${length} ${unit}; Docker Hub takes ${most}`, {
    hint: "make it shorter: nothing was sent",
  });
}

/** Without `send`, only what would be done is told. Without an image's description, that on Docker Hub stays. */
export async function sendDescriptions(
  terminal: Terminal,
  descriptions: Descriptions,
  { send }: { readonly send: boolean },
): Promise<readonly Described[]> {
  const login = await registryLogin(await dockerConfigOf(terminal), "docker.io", credentialHelper(terminal.env));
  const hub = dockerHub({ login, signal: terminal.signal, address: terminal.env["MZBUILD_DOCKER_HUB"] || undefined });
  const done: Described[] = [];
  for (const [repository, wanted] of descriptions) {
    const there = await hub.texts(repository);
    const texts = { ...wanted, description: wanted.description || there?.description || "" };
    if (there === undefined) done.push({ repository, action: "not there" });
    else if (there.description === texts.description && there.fullDescription === texts.fullDescription) {
      done.push({ repository, action: "as it is" });
    } else if (!send) done.push({ repository, action: "would describe" });
    else {
      await hub.setTexts(repository, texts);
      done.push({ repository, action: "described" });
    }
  }
  return done;
}
