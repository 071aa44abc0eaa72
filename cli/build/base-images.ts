/**
 * Bases that stand in where their registry can't be reached: made of Debian's packages as the repository's settings say,
 * and given to the build as named contexts.
 */
import {
  type BaseImage as BaseLayout,
  type ContentStore,
  type EngineHost,
  layoutStoreId,
  type OnSetup,
  provideDebianBase,
} from "../../client/index.ts";
import { adviseUnreachable, isUnreachable, type StandIns } from "../../frontend/gateway/index.ts";
import { formatImageReference, parseImageReference, withDefaultTag } from "../../llb/index.ts";
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
  /** For engines that take no layouts: gives them the image another way, and resolves to its name there, if that can be done. */
  readonly importBase?: ((image: BaseLayout) => Promise<string | undefined>) | undefined;
  readonly onSetup: OnSetup;
  readonly signal: AbortSignal;
}

/** Bases by what `bases` of the settings says. `standIn` throws `EngineError` when the base can't be made. */
export function baseImages(options: BaseImagesOptions): StandIns {
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
    advise: (error) =>
      adviseUnreachable(
        error,
        `the registry can't be reached; bases in ${SETTINGS_FILE} says how to make a base of Debian without one`,
      ),
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
  const imported = await options.importBase?.(image);
  if (imported !== undefined) return `docker-image://${imported}`;
  const layout = `mzbuild-base-${image.digest.replace(/^sha256:/, "").slice(0, 12)}`;
  layouts.set(layoutStoreId(layout), { path: image.layoutDir, writable: false });
  return `oci-layout://${layout}@${image.digest}`;
}

function fullReference(reference: string): string {
  const parsed = parseImageReference(reference);
  return parsed.kind === "invalid" ? reference : formatImageReference(withDefaultTag(parsed.reference));
}
