/** Which image of the repository a request is about: told by the `mzbuild.yml` beside its file, or by the file itself. */
import { posix } from "node:path";
import { BuildError, local, type Output, type SourceMap } from "../../llb/index.ts";
import { didYouMean, type Image, nameInConfig, type Repository, scanMzfrom } from "../../mzbuild/index.ts";
import { decodeText } from "../dockerfile/index.ts";
import type { ContextRequest } from "./repository-context.ts";
import { gatewayWorld } from "./world.ts";

export const IMAGE_FILE = "mzbuild.yml";

/** Whether a file is one of a repository's image: its declaration, by its name or its text, or a Dockerfile with MZFROM. */
export function isImageFile({ filename, data }: SourceMap): boolean {
  if (posix.basename(filename) === IMAGE_FILE || scanMzfrom(filename, data).length > 0) return true;
  // What comes over standard input is always called Dockerfile.
  const text = decodeText(data);
  return /^name:[ \t]/m.test(text) && !/^[ \t]*FROM[ \t]/im.test(text);
}

/** What is beside the request's file in the tree that has it. */
export interface SentFiles {
  readonly source: SourceMap;
  /** Undefined where there is none. */
  readonly declaration: Uint8Array | undefined;
}

/** Clients send the directory of the Dockerfile as a tree of its own, and not where in the repository it lies. */
export async function readSentFiles(request: ContextRequest, source: SourceMap): Promise<SentFiles> {
  const { gateway, signal } = request;
  if (isDeclaration(source)) return { source, declaration: source.data };
  const path = posix.join(posix.dirname(source.filename), IMAGE_FILE);
  const output = request.context.dockerfile === undefined ? sentTree(request, path) : request.context.dockerfile.output;
  if (output === undefined) return { source, declaration: undefined };
  const lookup = { kind: "files", output, paths: [path], limit: undefined } as const;
  const { files } = await gatewayWorld(gateway, signal).files(lookup);
  return { source, declaration: files.get(path) };
}

function sentTree({ context, opts, sessionId }: ContextRequest, path: string): Output | undefined {
  return local(context.dockerfileName, {
    sessionId: opts[`local-sessionid:${context.dockerfileName}`] ?? sessionId,
    followPaths: [path],
    sharedKeyHint: `${context.dockerfileName}-mzbuild`,
    differ: "none",
    name: `[internal] load ${IMAGE_FILE}`,
  }).output;
}

/**
 * The image that the files are of; `named` is its name, where the request says it. Throws `BuildError` "not-an-image",
 * "unknown-image", "ambiguous-image", and "other-file" where the repository has another file in its place.
 */
export async function findImage(repository: Repository, sent: SentFiles, named: string | undefined): Promise<Image> {
  const image = namedImage(repository, sent, named) ?? sameFile(repository, sent);
  const file = isDeclaration(sent.source) ? IMAGE_FILE : "Dockerfile";
  const [data] = await repository.readFiles([`${image.path}/${file}`]);
  if (data !== undefined && bytesEqual(sent.source.data, data)) return image;
  throw new BuildError(
    "other-file",
    `${sent.source.filename} is not the ${file} that the build context has in ${image.path}`,
    {
      at: startOf(sent.source),
      hint: "an image is built from the repository's own files: give the repository's root as the context, and its file",
    },
  );
}

function namedImage(repository: Repository, sent: SentFiles, named: string | undefined): Image | undefined {
  const name =
    named ??
    (sent.declaration === undefined
      ? undefined
      : nameInConfig(posix.join(posix.dirname(sent.source.filename), IMAGE_FILE), sent.declaration));
  if (name === undefined) {
    if (sent.declaration === undefined) return undefined;
    throw new BuildError("unknown-image", `the ${IMAGE_FILE} of this build names no image`, {
      at: startOf(sent.source),
      hint: "it has to begin with `name: NAME`",
    });
  }
  const image = repository.images.get(name);
  if (image !== undefined) return image;
  if (named !== undefined) {
    throw new BuildError("unknown-image", `MZ_IMAGE names ${name}, which the build context doesn't have`, {
      hint: didYouMean(name, repository.images.keys()) ?? "the build context has to be the repository's root",
    });
  }
  const message = `the ${IMAGE_FILE} of this build names the image ${name}, which the build context doesn't have`;
  throw new BuildError("unknown-image", message, {
    at: startOf(sent.source),
    hint: "the build context has to be the repository's root",
  });
}

/** A Dockerfile that comes alone, as from standard input, is that of the image which has the very same one. */
function sameFile(repository: Repository, { source }: SentFiles): Image {
  const same = [...repository.images.values()].filter(({ dockerfile }) => bytesEqual(dockerfile, source.data));
  const [image, ...others] = same;
  const at = scanMzfrom(source.filename, source.data)
    .slice(0, 1)
    .map((line) => line.at);
  if (image === undefined) {
    const message = `there is no ${IMAGE_FILE} beside ${source.filename}, and it has MZFROM lines`;
    throw new BuildError("not-an-image", message, {
      at,
      hint: "MZFROM is for the images of a repository, each in a directory of its own",
    });
  }
  if (others.length === 0) return image;
  const names = same.map(({ name }) => name).join(", ");
  throw new BuildError("ambiguous-image", `${source.filename} is the Dockerfile of several images: ${names}`, {
    at,
    hint: "say which is meant: --build-arg MZ_IMAGE=NAME",
  });
}

function isDeclaration({ filename, data }: SourceMap): boolean {
  return posix.basename(filename) === IMAGE_FILE || scanMzfrom(filename, data).length === 0;
}

function startOf({ filename }: SourceMap) {
  const start = { line: 1, column: 1 };
  return [{ file: filename, start, end: start }];
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
