/** Hashes of many files. Behind an interface so that a cache keyed by stat data can stand in front of it. */
import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { contentHash } from "./hash-content.ts";
import type { FileState } from "./hash-table.ts";
import { answerFor, type FileToHash, type HashAnswer, type HashThread, startHashThread } from "./hash-thread.ts";

/** `path` is absolute; `state` is that of the file itself, links followed. */
export interface StatedFile {
  readonly path: string;
  readonly state: FileState;
}

export interface FileHasher {
  /** One answer a file, in order. */
  hash(files: readonly StatedFile[]): Promise<readonly HashAnswer[]>;
}

/** Reads every file; many of them in a thread besides, where there is a processor for it. */
export function fileHasher(): FileHasher {
  const hashContent = contentHash();
  const here = async (files: readonly FileToHash[]): Promise<readonly HashAnswer[]> => {
    await nextTurn();
    return files.map((file) => answerFor(hashContent, file));
  };
  let thread: HashThread | undefined;
  return {
    hash: (stated) => {
      const files = stated.map(({ path, state }) => ({ path, sizeBytes: state.size }));
      if (files.length < MANY || availableParallelism() === 1) return shared(files, [here]);
      thread ??= startHashThread();
      const { hash } = thread;
      // Where a thread can't be had, its part is done here.
      const there = (slice: readonly FileToHash[]) => hash(slice).catch(() => here(slice));
      // Two slices at once, so that the thread never waits for us.
      return shared(files, [here, there, there]);
    },
  };
}

type HashSlice = (slice: readonly FileToHash[]) => Promise<readonly HashAnswer[]>;

/** Each takes the next slice when it is done with one. */
async function shared(files: readonly FileToHash[], workers: readonly HashSlice[]): Promise<readonly HashAnswer[]> {
  const answers: HashAnswer[] = new Array(files.length);
  let next = 0;
  const work = async (hash: HashSlice): Promise<void> => {
    while (next < files.length) {
      const start = next;
      next += SLICE;
      for (const [index, answer] of (await hash(files.slice(start, next))).entries()) answers[start + index] = answer;
    }
  };
  await Promise.all(workers.map(work));
  return answers;
}

const SLICE = 250;
/** Fewer files are read in the time that a thread takes to start. */
const MANY = 1000;
