/** Builds what no registry has, and sends it to the registries by digest: what is complete gets its tag afterwards. */
import { type OutputOption, planExports } from "../../client/index.ts";
import type { Variant } from "../../mzbuild/index.ts";
import { type BuildRequest, type BuiltImage, buildImages } from "../build/build-images.ts";
import { prepareBuild } from "../build/prepare.ts";
import { sendImage } from "../build/send-images.ts";
import type { Offered } from "../build/services.ts";
import type { OpenRepository } from "../open-repository.ts";
import type { PublishFlags } from "../option-values.ts";
import { tellFailure } from "../tell-failure.ts";
import type { Terminal } from "../terminal.ts";
import type { Place } from "./places.ts";
import type { BuiltPlace } from "./push-specs.ts";

export interface MissingRequest {
  readonly terminal: Terminal;
  readonly open: OpenRepository;
  readonly flags: PublishFlags;
}

/** By place, the digest; places whose image has turned up in a registry meanwhile are missing. Throws as `buildImages`. */
export async function buildMissing(
  { terminal, open, flags }: MissingRequest,
  places: readonly Place[],
): Promise<ReadonlyMap<Place, BuiltPlace>> {
  const digests = new Map<Place, BuiltPlace>();
  const { progress, connected, given } = await prepareBuild(terminal, flags);
  await using _connection = connected;
  await tellFailure(terminal, progress, async () => {
    for (const { targets, variants } of rounds(places)) {
      const request = {
        ...{ terminal, open, connected, flags, given, targets, variants, progress },
        exports: planExports([], { directory: terminal.cwd, stdout: undefined, dockerLoad: { environment: {} } }),
        registryOnly: true,
        signal: terminal.signal,
      } satisfies BuildRequest;
      const use = async (_gateway: unknown, images: readonly BuiltImage[], offered: Offered): Promise<void> => {
        const fresh = images.filter(({ reused }) => !reused);
        await Promise.all(
          fresh.map(async (image) => {
            const goals = places.filter(
              (place) => place.image.name === image.name && place.variant.architecture === image.variant.architecture,
            );
            const digest = await sendByDigest(request, { image, offered, goals });
            for (const goal of goals) digests.set(goal, { digest, buildMs: image.clock.buildMs(image.name) });
          }),
        );
      };
      await buildImages({ ...request, use });
    }
  });
  return digests;
}

/** One digest everywhere. Nothing has a tag yet, so what is cut off leaves nothing that anybody would find. */
async function sendByDigest(
  request: BuildRequest,
  { image, offered, goals }: { image: BuiltImage; offered: Offered; goals: readonly Place[] },
): Promise<string> {
  const name = [...new Set(goals.map(({ repository }) => repository))].join(",");
  const attrs = { name, push: "true", "push-by-digest": "true", unpack: "false", store: "false" };
  const outputs: readonly OutputOption[] = [{ kind: "daemon", type: "image", attrs }];
  const response = await sendImage({ request, offered, image, outputs });
  const digest = response["containerimage.digest"];
  if (digest === undefined) throw new TypeError(`the daemon has pushed ${name} without naming its digest`);
  return digest;
}

interface Round {
  readonly targets: readonly string[];
  readonly variants: readonly Variant[];
}

/** Platforms that lack the same images are built at once. */
function rounds(places: readonly Place[]): readonly Round[] {
  const byVariant = new Map<Variant, Set<string>>();
  for (const { variant, image } of places) {
    byVariant.set(variant, (byVariant.get(variant) ?? new Set()).add(image.name));
  }
  const bySet = new Map<string, { targets: readonly string[]; variants: Variant[] }>();
  for (const [variant, names] of byVariant) {
    const targets = [...names];
    const round = bySet.get(targets.join("\n")) ?? { targets, variants: [] };
    round.variants.push(variant);
    bySet.set(targets.join("\n"), round);
  }
  return [...bySet.values()];
}
