// The example repository beside a Docker of a test's own, and mzcompose for both: where the tests of compositions take place.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { GitRepository } from "../mzbuild/git-repository.ts";
import { dockerMissing, startDocker, type TestDocker, type TestDockerOptions } from "./docker-engine.ts";
import { type ComposeLine, type ComposeOptions, composeLine, type StartedCommand } from "./mzcompose.ts";
import { tourRepository } from "./mzimage.ts";
import type { Outcome } from "./own-home.ts";

/** All directories and files are named as seen from the repository's root. What tests get of it is there while they run. */
export interface TourOnDocker {
  /** Runs `docker ARGS`; its output. */
  docker(args: readonly string[]): Promise<string>;
  /** Runs `mzcompose ARGS` in a directory to its end. */
  run(directory: string, args: readonly string[], options?: ComposeOptions): Promise<Outcome>;
  /** Runs a command that has to succeed; its output. */
  succeed(directory: string, ...args: readonly string[]): Promise<string>;
  start(directory: string, args: readonly string[]): StartedCommand;
  /** Writes a file of the repository, and makes the directories that it lies in. */
  write(path: string, text: string): void;
  /** Absolute. */
  path(path: string): string;
  /** The home directory of the commands, and a place for whatever a test writes. */
  home(): string;
  engine(): TestDocker;
}

export interface TestBlock extends TestDockerOptions {
  readonly name: string;
  /** Gives Docker the images that it can't pull. Default: `busybox`, and `debian`, which the tour is built on. */
  readonly load?: (docker: TestDocker) => Promise<unknown>;
}

const missing = await dockerMissing();

/** A block of tests that share one; skipped, with the reason in its name, where Docker can't be had. */
export function describeOnDocker(
  { name, load = (docker) => Promise.all([docker.loadBusybox(), docker.loadDebian()]), ...options }: TestBlock,
  tests: (place: TourOnDocker) => void,
): void {
  describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name} (${missing})`, () => {
    let docker: TestDocker;
    let tour: GitRepository;
    let cli: ComposeLine;

    beforeAll(async () => {
      docker = await startDocker(options);
      await load(docker);
      tour = tourRepository();
      cli = composeLine(docker.env);
    });
    afterAll(async () => {
      tour?.[Symbol.dispose]();
      cli?.[Symbol.dispose]();
      await docker?.[Symbol.asyncDispose]();
    });

    const path = (path: string): string => join(tour.root, path);
    const run: TourOnDocker["run"] = (directory, args, options) => cli.run(path(directory), args, options);
    tests({
      docker: (args) => docker.docker(args),
      run,
      succeed: async (directory, ...args) => {
        const { exitCode, stdout, stderr } = await run(directory, args);
        expect(exitCode, stderr).toBe(0);
        return stdout;
      },
      start: (directory, args) => cli.start(path(directory), args),
      write: (file, text) => {
        mkdirSync(dirname(path(file)), { recursive: true });
        writeFileSync(path(file), text);
      },
      path,
      home: () => cli.home,
      engine: () => docker,
    });
  });
}
