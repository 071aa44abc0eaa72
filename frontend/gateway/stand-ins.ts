/** Images that stand in for others whose registry can't be reached. */
import { type Gateway, RpcError } from "../../client/index.ts";
import { BuildError } from "../../llb/index.ts";
import { type Attributes, answerAll, type ImageLookup, type Known, type World } from "../dockerfile/index.ts";
import { gatewayWorld } from "./world.ts";

export interface StandIns {
  /** `context:NAME` → `oci-layout://…`, of those put in place so far: attributes of the build. */
  readonly contexts: ReadonlyMap<string, string>;
  /**
   * Puts one in the place of an image whose look-up failed. False when there is none for it, or when the failure is no
   * matter of reaching a registry.
   */
  readonly standIn: (reference: string, failure: unknown) => Promise<boolean>;
  /** What to do where an image can't be reached and nothing stands in for it: the error with a hint, or as it was. */
  readonly advise: (error: unknown) => unknown;
}

interface AnswerTask {
  readonly gateway: Gateway;
  readonly attributes: Attributes;
  readonly standIns: StandIns;
  /** What is known of images already. Default: nothing. */
  readonly known?: Known;
  readonly signal: AbortSignal;
}

/** Answers a compilation; where an image can't be reached and has a stand-in, once more with that one in its place. */
export async function answerWithStandIns<T extends { readonly kind: string }>(
  { gateway, attributes, standIns, known, signal }: AnswerTask,
  stepFor: (attributes: Attributes) => Parameters<typeof answerAll<T>>[0],
): ReturnType<typeof answerAll<T>> {
  for (;;) {
    let standsIn = false;
    const daemon = gatewayWorld(gateway, signal);
    const world: World = {
      ...daemon,
      image: async (lookup: ImageLookup) => {
        try {
          return await daemon.image(lookup);
        } catch (error) {
          if (lookup.layout === undefined && (await standIns.standIn(lookup.reference, error))) standsIn = true;
          throw error;
        }
      },
    };
    try {
      return await answerAll<T>(stepFor({ ...attributes, ...Object.fromEntries(standIns.contexts) }), world, known);
    } catch (error) {
      // The failure was that of the image which now has a stand-in.
      if (!standsIn) throw standIns.advise(error);
    }
  }
}

/** What a daemon says when nobody answers; an image that isn't there, or a login that is refused, is another matter. */
const unreachable =
  /no such host|server misbehaving|i\/o timeout|deadline exceeded|connection (?:refused|reset)|network is unreachable|no route to host|TLS handshake timeout|proxyconnect|temporary failure in name resolution|unexpected EOF|: EOF$|tls: |x509: /i;

/** Whether a failure is one of reaching a registry. */
export function isUnreachable(failure: unknown): boolean {
  const error = RpcError.from(failure);
  return error.code === "UNAVAILABLE" || error.code === "DEADLINE_EXCEEDED" || unreachable.test(error.message);
}

/** The error with a hint, if it is one of reaching a registry and has none. */
export function adviseUnreachable(error: unknown, hint: string): unknown {
  if (!(error instanceof BuildError) || error.hint !== undefined || !isUnreachable(error)) return error;
  return new BuildError(error.code, error.message, { at: error.at, hint, cause: error.cause });
}
