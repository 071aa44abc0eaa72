/**
 * `request.json` of a conformance case: what a frontend request has besides its files.
 * The format is described in test/testdata/conformance/README.md.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface CaseRequest {
  readonly opts: Readonly<Record<string, string>>;
  readonly images: Readonly<Record<string, CaseImage>>;
  readonly sources: Readonly<Record<string, { readonly lastModified?: string }>>;
  /** Platforms of the worker. */
  readonly worker: readonly string[];
  readonly noCaps: readonly string[];
  readonly session: string;
}

export interface CaseImage {
  readonly config?: unknown;
  readonly digest?: string;
  readonly error?: string;
}

const EMPTY_REQUEST: CaseRequest = {
  opts: {},
  images: {},
  sources: {},
  worker: [],
  noCaps: [],
  session: "conformance-session",
};

/** A folder without one has an empty request. */
export async function readCaseRequest(folder: string): Promise<CaseRequest> {
  let text: string;
  try {
    text = await readFile(join(folder, "request.json"), "utf8");
  } catch {
    // No request.json: all of its fields have their defaults.
    return EMPTY_REQUEST;
  }
  // The fields are those of the type; cases are checked by the oracle that made them.
  const request = JSON.parse(text) as Partial<CaseRequest>;
  return { ...EMPTY_REQUEST, ...request, session: request.session || EMPTY_REQUEST.session };
}
