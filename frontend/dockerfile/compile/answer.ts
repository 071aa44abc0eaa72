/** The other side of a compilation: finds what it asks for, all of a round at once, until there is a result. */
import type {
  Answer,
  FilesAnswer,
  FilesLookup,
  HostKeyAnswer,
  HostKeyLookup,
  ImageAnswer,
  ImageLookup,
  InputsAnswer,
  Known,
  Lookup,
  RedirectAnswer,
  SourceAnswer,
  SourceLookup,
} from "./lookup.ts";
import { lookupKey } from "./lookup.ts";

/** Where answers come from: a gateway, or a table of a test. What is thrown becomes an error of the build at the right place. */
export interface World {
  readonly image: (lookup: ImageLookup) => Promise<ImageAnswer | RedirectAnswer>;
  readonly source: (lookup: SourceLookup) => Promise<SourceAnswer>;
  readonly files: (lookup: FilesLookup) => Promise<FilesAnswer>;
  readonly inputs: () => Promise<InputsAnswer>;
  /** Left out where no ssh server is to be asked: then no host key is known. */
  readonly hostKey?: (lookup: HostKeyLookup) => Promise<HostKeyAnswer>;
}

export type Round<T> = { readonly kind: "needs"; readonly lookups: readonly Lookup[] } | T;

/** Calls `step` with more and more answers, beginning with those of `before`, until it doesn't need any. Throws what `step` throws. */
export async function answerAll<T extends { readonly kind: string }>(
  step: (known: Known) => Round<T>,
  world: World,
  before: Known = new Map(),
): Promise<Exclude<T, { readonly kind: "needs" }>> {
  const known = new Map<string, Answer>(before);
  for (;;) {
    const round = step(known);
    // Nothing but a round that needs something has this kind.
    if (!needs(round)) return round as Exclude<T, { readonly kind: "needs" }>;
    await Promise.all(
      round.lookups.map(async (lookup) => {
        known.set(lookupKey(lookup), await answer(lookup, world));
      }),
    );
  }
}

function needs<T extends { readonly kind: string }>(
  round: Round<T>,
): round is { readonly kind: "needs"; readonly lookups: readonly Lookup[] } & Round<T> {
  return round.kind === "needs";
}

async function answer(lookup: Lookup, world: World): Promise<Answer> {
  try {
    return await askWorld(lookup, world);
  } catch (cause) {
    return { kind: "failed", message: cause instanceof Error ? cause.message : String(cause), cause };
  }
}

function askWorld(lookup: Lookup, world: World): Promise<Answer> {
  switch (lookup.kind) {
    case "image":
      return world.image(lookup);
    case "source":
      return world.source(lookup);
    case "files":
      return world.files(lookup);
    case "inputs":
      return world.inputs();
    case "host-key":
      return world.hostKey?.(lookup) ?? Promise.resolve({ kind: "host-key", line: undefined });
  }
}
