/**
 * What a compilation has to know from outside, as questions and answers. The compiler collects the questions that are
 * open; whoever calls it finds the answers (`answer.ts`) and compiles again.
 */
import { digestOf, formatFullPlatform, type Output, type Platform, type SourceOp } from "../../../llb/index.ts";
import type { ResolveMode } from "../options/build-options.ts";

/** The config of an image in a registry, or of one in an OCI layout of the client. */
export interface ImageLookup {
  readonly kind: "image";
  /** In full, with tag or digest. */
  readonly reference: string;
  readonly platform: Platform | undefined;
  readonly resolveMode: ResolveMode;
  readonly layout: { readonly sessionId: string; readonly storeId: string } | undefined;
  /** What progress shows meanwhile. */
  readonly logName: string;
}

/** When a source was last changed. */
export interface SourceLookup {
  readonly kind: "source";
  readonly op: SourceOp;
  readonly logName: string;
}

/** Files of a tree; those that don't exist are left out of the answer. */
export interface FilesLookup {
  readonly kind: "files";
  readonly output: Output;
  readonly paths: readonly string[];
  /** Only the first bytes are needed. */
  readonly limit: number | undefined;
}

/** The trees that another frontend handed over (`FrontendInputs`). */
export interface InputsLookup {
  readonly kind: "inputs";
}

/** The key by which an ssh server shows that it is the one that is meant. */
export interface HostKeyLookup {
  readonly kind: "host-key";
  /** `host`, or `host:port`. */
  readonly server: string;
}

export type Lookup = ImageLookup | SourceLookup | FilesLookup | InputsLookup | HostKeyLookup;

export interface ImageAnswer {
  readonly kind: "image";
  /** The reference after source policies. */
  readonly reference: string;
  /** Empty when it is not known. */
  readonly digest: string;
  /** JSON. */
  readonly config: string;
}

/** A source policy turned the image into something else, such as `local://…` or `oci-layout://…`. */
export interface RedirectAnswer {
  readonly kind: "redirect";
  readonly identifier: string;
}

/** What is known of: the commit object of a git source, the time of a web source (RFC 3339). */
export interface SourceAnswer {
  readonly kind: "source";
  readonly commitObject: Uint8Array | undefined;
  readonly lastModified: string | undefined;
}

export interface FilesAnswer {
  readonly kind: "files";
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface InputsAnswer {
  readonly kind: "inputs";
  readonly inputs: ReadonlyMap<string, Output | undefined>;
}

export interface HostKeyAnswer {
  readonly kind: "host-key";
  /** A line of a known_hosts file; undefined when there is no telling. */
  readonly line: string | undefined;
}

/** `message` is that of whoever was asked, without anything around it. */
export interface FailedAnswer {
  readonly kind: "failed";
  readonly message: string;
  readonly cause: unknown;
}

export type Answer =
  | ImageAnswer
  | RedirectAnswer
  | SourceAnswer
  | FilesAnswer
  | InputsAnswer
  | HostKeyAnswer
  | FailedAnswer;

/** Answers by {@link lookupKey}. */
export type Known = ReadonlyMap<string, Answer>;

/** Two look-ups with the same key have the same answer. */
export function lookupKey(lookup: Lookup): string {
  switch (lookup.kind) {
    case "image": {
      const platform = lookup.platform === undefined ? "" : formatFullPlatform(lookup.platform);
      const layout = lookup.layout === undefined ? "" : `${lookup.layout.sessionId} ${lookup.layout.storeId}`;
      return `image ${lookup.reference} ${platform} ${lookup.resolveMode} ${layout}`;
    }
    case "source":
      return `source ${lookup.op.identifier} ${JSON.stringify(lookup.op.attrs)}`;
    case "files":
      return `files ${digestOf(lookup.output.vertex)} ${lookup.limit ?? ""} ${JSON.stringify(lookup.paths)}`;
    case "inputs":
      return "inputs";
    case "host-key":
      return `host-key ${lookup.server}`;
  }
}

/** Answers from what is known, and remembers what isn't. */
export interface Questions {
  /** Undefined when the answer is not known yet. */
  readonly ask: (lookup: Lookup) => Answer | undefined;
  readonly open: readonly Lookup[];
}

export function newQuestions(known: Known): Questions {
  const open = new Map<string, Lookup>();
  const openList: Lookup[] = [];
  return {
    ask: (lookup) => {
      const key = lookupKey(lookup);
      const answer = known.get(key);
      if (answer === undefined && !open.has(key)) {
        open.set(key, lookup);
        openList.push(lookup);
      }
      return answer;
    },
    open: openList,
  };
}
