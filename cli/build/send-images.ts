/**
 * Sends built images on their way: into a registry, into Docker. An exporter takes one image of a solve, so each image gets a
 * solve of its own, while the one that has built it still holds its results: nothing is built or transferred again.
 */
import { type OutputOption, openSession, planExports, retried, solve } from "../../client/index.ts";
import { resultMetadata } from "../../frontend/dockerfile/index.ts";
import { definitionToProto, formatPlatform, marshal } from "../../llb/index.ts";
import { platformOf } from "../../mzbuild/index.ts";
import type { BuildRequest, BuiltImage } from "./build-images.ts";
import { outputsForEngine } from "./engine-outputs.ts";
import { buildServices, type Offered } from "./services.ts";
import { solveResponse } from "./solve-response.ts";
import { isTransientPush } from "./transient-push.ts";

export interface SendTask {
  readonly request: Pick<BuildRequest, "terminal" | "connected" | "given" | "progress" | "signal">;
  /** Of the solve that has built them. */
  readonly offered: Offered;
  readonly image: BuiltImage;
  readonly outputs: readonly OutputOption[];
}

/** What the exporters say, such as `containerimage.digest`. Throws `BuildFailed`, or the error of our own side. */
export async function sendImage(task: SendTask): Promise<Readonly<Record<string, string>>> {
  const { progress, signal } = task.request;
  return retried(() => sendOnce(task), {
    waitsMs: RETRY_WAITS_MS,
    isTransient: (error) => isTransientPush(error),
    onRetry: (error, waitMs) => {
      const reason = error instanceof Error ? error.message : String(error);
      progress.warning(`${task.image.name} could not be sent, trying again in ${waitMs / 1000} s: ${reason}`);
    },
    signal,
  });
}

const RETRY_WAITS_MS = [1000, 2000, 4000];

async function sendOnce({ request, offered, image, outputs }: SendTask): Promise<Readonly<Record<string, string>>> {
  const { terminal, connected, given, progress, signal } = request;
  const fitted = await outputsForEngine(terminal, connected, progress, outputs);
  const exports = planExports(fitted.outputs, {
    directory: terminal.cwd,
    stdout: undefined,
    dockerLoad: { environment: terminal.env },
  });
  const own: Offered = { ...offered, exports: exports.targets, sshForwards: [] };
  await using services = await buildServices(terminal, own, (text) => progress.warning(text));
  await using session = await openSession(connected.client, { services: services.handlers, sharedKey: "" });
  const result = await solve(connected.client, {
    work: {
      kind: "function",
      attrs: { platform: formatPlatform(platformOf(image.variant.architecture)), ...given.attestations },
      build: (gateway, building) => resultOf(image, gateway, building),
    },
    session,
    exporters: exports.exporters,
    onProgress: (event) => progress.event(event),
    signal,
  });
  const response = solveResponse(result, services, signal);
  await exports.finish(response);
  return withDigest(response, await fitted.finish());
}

/** A digest that Docker tells of after its push is as good as one that an exporter tells of. */
function withDigest(response: Readonly<Record<string, string>>, digest: string | undefined) {
  return digest === undefined ? response : { ...response, [DIGEST]: digest };
}

const DIGEST = "containerimage.digest";

type Build = Extract<Parameters<typeof solve>[1]["work"], { readonly kind: "function" }>["build"];

async function resultOf({ compiled, variant }: BuiltImage, ...[gateway, signal]: Parameters<Build>): ReturnType<Build> {
  const definition = definitionToProto(marshal(compiled.output));
  const { ref } = await gateway.solve({ Definition: definition }, { signal });
  const texts = [...resultMetadata([{ compiled, platform: platformOf(variant.architecture) }], false)];
  const metadata = Object.fromEntries(texts.map(([key, value]) => [key, new TextEncoder().encode(value)]));
  return { ref: { id: ref?.id ?? "", def: undefined }, metadata };
}
