/** A base on an image of an mzbuild repository: `MZFROM` in base/Dockerfile, where the project lies within such a repository. */
import { BuildError } from "../../llb/index.ts";
import { didYouMean, type Project, renderMzfrom, scanMzfrom } from "../../mzbuild/index.ts";
import { openFromOptions } from "../open-repository.ts";
import type { Terminal } from "../terminal.ts";

export interface MzfromBase {
  /** With the specs of images in the base's Dockerfile: what it is hashed and built by. */
  readonly project: Project;
  /** Names of the images. */
  readonly images: readonly string[];
}

/** `root` is the project's. Throws `BuildError` for anything that is wrong with the repository, or a name that it lacks. */
export async function mzfromBase(terminal: Terminal, root: string, project: Project): Promise<MzfromBase> {
  const { base } = project;
  const lines = scanMzfrom(`base/${base.dockerfileName}`, base.dockerfile);
  const { repository, variant, specOf, naming } = await openFromOptions(terminal, { C: [root] }, {});
  for (const { value, at } of lines) {
    if (repository.images.has(value)) continue;
    const hint = didYouMean(value, repository.images.keys()) ?? "`mzimage list` prints the names of all images";
    throw new BuildError("unknown-image", `MZFROM names ${JSON.stringify(value)}, which no mzbuild.yml declares`, {
      at: [at],
      hint,
    });
  }
  if (naming.registry === "") {
    throw new BuildError(
      "no-registry",
      "the base is built on an image of the repository, whose images have no registry",
      {
        at: lines.slice(0, 1).map(({ at }) => at),
        hint: "mzbuild-settings.yml or MZ_IMAGE_REGISTRY names one: chunks are named after what their base is built on",
      },
    );
  }
  const images = [...new Set(lines.map(({ value }) => value))];
  const fingerprints = await repository.fingerprints(images, variant);
  const dockerfile = renderMzfrom(base.dockerfile, (name) => {
    const fingerprint = fingerprints.get(name);
    return fingerprint === undefined ? name : specOf(name, fingerprint);
  });
  return { project: { ...project, base: { ...base, dockerfile } }, images };
}
