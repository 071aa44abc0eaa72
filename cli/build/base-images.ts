/**
 * Bases that stand in where their registry can't be reached: made of Debian's packages as the repository's settings say,
 * and given to the build as named contexts.
 */
import {
  type ContentStore,
  type EngineHost,
  layoutStoreId,
  type OnSetup,
  provideDebianBase,
  RpcError,
} from "../../client/index.ts";
import { BuildError, formatImageReference, parseImageReference, withDefaultTag } from "../../llb/index.ts";
import { type BaseImage, SETTINGS_FILE } from "../../mzbuild/index.ts";

export interface BaseImagesOptions {
  readonly host: EngineHost;
  /** By the reference that Dockerfiles use. */
  readonly bases: ReadonlyMap<string, Omit<BaseImage, "at">>;
  /** `linux/amd64` and the like: all that the build may ask for. */
  readonly platforms: readonly string[];
  readonly install: boolean;
  /** Where the layouts of bases are offered to the daemon. */
  readonly layouts: Map<string, ContentStore>;
  readonly onSetup: OnSetup;
  readonly signal: AbortSignal;
}

/** The bases that were put in place so far. */
export interface BaseImages {
  /** `context:NAME` → `oci-layout://…`, attributes of the build as BuildKit's Dockerfile frontend knows them. */
  readonly contexts: ReadonlyMap<string, string>;
  /**
   * Puts a base in the place of an image whose look-up failed. False when there is none for it, or when the failure is
   * no matter of reaching a registry. Throws `EngineError` when the base can't be made.
   */
  readonly standIn: (reference: string, failure: unknown) => Promise<boolean>;
  /** What to do where an image can't be reached and nothing stands in for it: the error with a hint, or as it was. */
  readonly advise: (error: unknown) => unknown;
}

export function baseImages(options: BaseImagesOptions): BaseImages {
  const contexts = new Map<string, string>();
  /** Several platforms ask for one base at once; it is made once. */
  const provided = new Map<string, Promise<string>>();
  const byReference = new Map([...options.bases].map(([name, base]) => [fullReference(name), { name, base }]));
  return {
    contexts,
    standIn: async (reference, failure) => {
      const found = byReference.get(fullReference(reference));
      if (found === undefined || !isUnreachable(failure)) return false;
      const providing = provided.get(found.name) ?? provide(found.name, found.base, options);
      provided.set(found.name, providing);
      contexts.set(`context:${found.name}`, await providing);
      return true;
    },
    advise: (error) => {
      if (!(error instanceof BuildError) || error.hint !== undefined || !isUnreachable(error)) return error;
      const hint = `the registry can't be reached; bases in ${SETTINGS_FILE} says how to make a base of Debian without one`;
      return new BuildError(error.code, error.message, { at: error.at, hint, cause: error.cause });
    },
  };
}

async function provide(name: string, base: Omit<BaseImage, "at">, options: BaseImagesOptions): Promise<string> {
  const { host, platforms, install, layouts, onSetup, signal } = options;
  onSetup({ kind: "setup", text: `the registry of ${name} can't be reached: its base is made from Debian's packages` });
  const image = await provideDebianBase(
    host,
    {
      suite: base.debootstrap,
      include: base.include,
      platforms,
      install,
      ...(base.mirror === undefined ? {} : { mirror: base.mirror }),
    },
    onSetup,
    signal,
  );
  const layout = `mzbuild-base-${image.digest.replace(/^sha256:/, "").slice(0, 12)}`;
  layouts.set(layoutStoreId(layout), { path: image.layoutDir, writable: false });
  return `oci-layout://${layout}@${image.digest}`;
}

function fullReference(reference: string): string {
  const parsed = parseImageReference(reference);
  return parsed.kind === "invalid" ? reference : formatImageReference(withDefaultTag(parsed.reference));
}

/** What a daemon says when nobody answers; an image that isn't there, or a login that is refused, is another matter. */
const unreachable =
  /no such host|server misbehaving|i\/o timeout|deadline exceeded|connection (?:refused|reset)|network is unreachable|no route to host|TLS handshake timeout|proxyconnect|temporary failure in name resolution|unexpected EOF|: EOF$|tls: |x509: /i;

function isUnreachable(failure: unknown): boolean {
  const error = RpcError.from(failure);
  return error.code === "UNAVAILABLE" || error.code === "DEADLINE_EXCEEDED" || unreachable.test(error.message);
}
