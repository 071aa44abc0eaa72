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
  /** One answer a file, in order. To be asked for the next files meanwhile. */
  hash(files: readonly StatedFile[]): Promise<readonly HashAnswer[]>;
}

export interface FileHasherOptions {
  /** So many are worth a thread. */
  readonly many?: number;
}

/** Reads every file: here, between what else there is to do, and from the time that there were many, in a thread besides. */
export function fileHasher({ many = MANY }: FileHasherOptions = {}): FileHasher {
  const hashContent = contentHash();
  const hashHere = (files: readonly FileToHash[]) => files.map((file) => answerFor(hashContent, file));
  const waiting: Slice[] = [];
  let asked = 0;
  let isBusy = false;
  let isThreadWanted = false;
  let thread: HashThread | undefined;
  let isHelping = false;

  const workHere = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    await nextTurn();
    for (let slice = waiting.shift(); slice !== undefined; slice = waiting.shift()) {
      slice.resolve(hashHere(slice.files));
      await nextTurn();
    }
    isBusy = false;
  };
  const workThere = async ({ hash }: HashThread): Promise<void> => {
    for (let slice = waiting.shift(); slice !== undefined; slice = waiting.shift()) {
      const { files } = slice;
      // Where the thread has ended, its part is done here.
      slice.resolve(await hash(files).catch(() => hashHere(files)));
    }
  };
  const startThread = async (): Promise<void> => {
    thread = await startHashThread();
    void employThread();
  };
  const employThread = async (): Promise<void> => {
    if (thread === undefined || isHelping) return;
    isHelping = true;
    // Two slices at once, so that it never waits for us.
    await Promise.all([workThere(thread), workThere(thread)]);
    isHelping = false;
  };
  return {
    hash: async (stated) => {
      const files = stated.map(({ path, state }) => ({ path, sizeBytes: state.size }));
      const answers = slicesOf(files).map((slice) => {
        return new Promise<readonly HashAnswer[]>((resolve) => waiting.push({ files: slice, resolve }));
      });
      asked += files.length;
      if (!isThreadWanted && asked >= many && availableParallelism() > 1) {
        isThreadWanted = true;
        // Where it can't be had, all is done here.
        startThread().catch(() => undefined);
      }
      void employThread();
      void workHere();
      return (await Promise.all(answers)).flat();
    },
  };
}

interface Slice {
  readonly files: readonly FileToHash[];
  readonly resolve: (answers: readonly HashAnswer[]) => void;
}

function slicesOf(files: readonly FileToHash[]): readonly (readonly FileToHash[])[] {
  const count = Math.ceil(files.length / SLICE);
  return Array.from({ length: count }, (_, index) => files.slice(index * SLICE, (index + 1) * SLICE));
}

const SLICE = 250;
/** Fewer files are read sooner without a thread, which takes time to start, and then to be compiled. */
const MANY = 15_000;
