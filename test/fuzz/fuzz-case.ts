/** What is mutated: conformance cases, and any other Dockerfiles at hand. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** A case as far as it is mutated: the text of its Dockerfile and the fields of its request. */
export interface FuzzCase {
  readonly name: string;
  /** Has the other files of the case; undefined for one that is a Dockerfile only. */
  readonly folder: string | undefined;
  /** A character for each byte. */
  readonly dockerfile: string;
  readonly request: FuzzRequest;
  /** Takes the place of the folder's .dockerignore. */
  readonly ignoreFile?: string;
}

export interface FuzzRequest {
  readonly opts?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const conformance = join(import.meta.dirname, "../testdata/conformance");

/** The conformance cases, but for those about a Dockerfile that isn't there. */
export function conformanceCases(): FuzzCase[] {
  const folders = ["cases", "found"].flatMap((part) =>
    readdirSync(join(conformance, part)).map((name) => join(conformance, part, name)),
  );
  return folders.flatMap((folder) => {
    const request = readRequest(folder);
    const dockerfile = readLatin1(join(folder, request.opts?.["filename"] ?? "Dockerfile"));
    return dockerfile === undefined ? [] : [{ name: basename(folder), folder, dockerfile, request }];
  });
}

/** Every file directly in a folder, taken for a Dockerfile. */
export function corpusCases(folder: string): FuzzCase[] {
  return readdirSync(folder).flatMap((name) => {
    const dockerfile = readLatin1(join(folder, name));
    return dockerfile === undefined ? [] : [{ name, folder: undefined, dockerfile, request: {} }];
  });
}

function readRequest(folder: string): FuzzRequest {
  const text = readLatin1(join(folder, "request.json"));
  return text === undefined ? {} : (JSON.parse(Buffer.from(text, "latin1").toString()) as FuzzRequest);
}

function readLatin1(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Some cases have no request, or a Dockerfile somewhere else.
    return undefined;
  }
}
