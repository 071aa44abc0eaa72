/** Images that Docker has as contexts of builds, whichever engine builds. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { isDockerEngine, runDocker, userDocker } from "../docker/docker-command.ts";
import type { ConnectedEngine } from "../engine-host.ts";
import type { Terminal } from "../terminal.ts";

export interface ContextImage {
  /** As the Dockerfile calls it. */
  readonly context: string;
  readonly image: string;
}

export interface ImageContexts extends AsyncDisposable {
  /** `NAME=VALUE`, as `--build-context` has it. */
  readonly contexts: readonly string[];
}

/** Docker's own engine looks them up; others get them as OCI layouts until the end. */
export async function imageContexts(
  terminal: Terminal,
  { engine }: ConnectedEngine,
  images: readonly ContextImage[],
): Promise<ImageContexts> {
  if (images.length === 0 || isDockerEngine(engine)) {
    const contexts = images.map(({ context, image }) => `${context}=docker-image://${image}`);
    return { contexts, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const directory = await mkdtemp(join(tmpdir(), "mzcompose-images-"));
  const dispose = () => rm(directory, { recursive: true, force: true });
  try {
    const contexts = await Promise.all(
      images.map(async ({ context, image }, index) => {
        const layout = join(directory, String(index));
        const source = (await save(terminal, image, layout)) ? `oci-layout://${layout}` : `docker-image://${image}`;
        return `${context}=${source}`;
      }),
    );
    return { contexts, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What Docker saves has been an OCI layout since version 25. False for an image that it doesn't have, which the engine may find. */
async function save(terminal: Terminal, image: string, path: string): Promise<boolean> {
  const archive = `${path}.tar`;
  const { exitCode } = await runDocker(userDocker(terminal), ["save", "--output", archive, image]);
  if (exitCode !== 0) return false;
  await mkdir(path);
  await execa("tar", ["--extract", "--file", archive, "--directory", path]);
  await rm(archive);
  return true;
}
