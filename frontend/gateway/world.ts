/**
 * Answers what a compilation asks by asking the daemon, over the gateway: for a build function in our own process and for
 * a frontend in a container alike.
 * Source: moby/buildkit v0.33.0: frontend/gateway/grpcclient/client.go (ResolveImageConfig, ResolveSourceMetadata).
 */
import { type Gateway, RpcError, scanHostKey } from "../../client/index.ts";
import { definitionToProto, marshal, type Output, outputFromProto, type Platform } from "../../llb/index.ts";
import type { Init, pb } from "../../proto/index.ts";
import type { FilesAnswer, FilesLookup, ImageAnswer, ImageLookup, RedirectAnswer, World } from "../dockerfile/index.ts";

export function gatewayWorld(gateway: Gateway, signal: AbortSignal): World {
  const options = { signal };
  return {
    image: (lookup) => resolveImage(gateway, lookup, signal),
    source: async ({ op, logName }) => {
      const { Git, HTTP } = await gateway.resolveSourceMeta(
        { Source: { identifier: op.identifier, attrs: op.attrs }, LogName: logName, Git: { ReturnObject: true } },
        options,
      );
      const modified = HTTP?.LastModified;
      return {
        kind: "source",
        commitObject: Git?.CommitObject,
        lastModified: modified === undefined ? undefined : new Date(Number(modified.seconds) * 1000).toISOString(),
      };
    },
    files: (lookup) => readFiles(gateway, lookup, signal),
    hostKey: async ({ server }) => ({ kind: "host-key", line: await hostKey(server, signal) }),
    inputs: async () => {
      const definitions = Object.entries(await gateway.inputs(options));
      return { kind: "inputs", inputs: new Map(definitions.map(([name, input]) => [name, inputTree(input)])) };
    },
  };
}

/** A server that can't be asked is one whose key is not known, as in the original. */
async function hostKey(server: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await scanHostKey(server, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

/** A tree that another frontend hands over. One without anything, not even metadata, is a mistake of that frontend. */
function inputTree(definition: pb.Definition): Output | undefined {
  if (Object.keys(definition.metadata).length > 0) return outputFromProto(definition);
  throw new RpcError("UNKNOWN", "invalid nil input definition to definition op");
}

async function resolveImage(
  gateway: Gateway,
  { reference, platform, resolveMode, layout, logName }: ImageLookup,
  signal: AbortSignal,
): Promise<ImageAnswer | RedirectAnswer> {
  const scheme = layout === undefined ? "docker-image://" : "oci-layout://";
  const attrs: Record<string, string> =
    layout === undefined ? {} : { "oci.session": layout.sessionId, "oci.store": layout.storeId };
  const { Source: source, Image: image } = await gateway.resolveSourceMeta(
    {
      Source: { identifier: scheme + reference, attrs },
      Platform: platform === undefined ? undefined : platformToProto(platform),
      LogName: logName,
      ResolveMode: resolveMode,
    },
    { signal },
  );
  const identifier = source?.identifier ?? scheme + reference;
  if (image === undefined) return { kind: "redirect", identifier };
  return {
    kind: "image",
    reference: identifier.replace(/^(?:docker-image|oci-layout):\/\//, ""),
    digest: image.Digest,
    config: new TextDecoder().decode(image.Config),
  };
}

async function readFiles(
  gateway: Gateway,
  { output, paths, limit }: FilesLookup,
  signal: AbortSignal,
): Promise<FilesAnswer> {
  const { ref } = await gateway.solve({ Definition: definitionToProto(marshal(output)) }, { signal });
  const files = new Map<string, Uint8Array>();
  if (ref === undefined) return { kind: "files", files };
  const contents = await Promise.all(paths.map((path) => readIfThere(gateway, { ref: ref.id, path, limit }, signal)));
  for (const [index, path] of paths.entries()) {
    const content = contents[index];
    if (content !== undefined) files.set(path, content);
  }
  return { kind: "files", files };
}

/**
 * A file that can't be read because it isn't there is an answer; that its tree can't be made is an error. A daemon that says in
 * other words that there is no such file is asked for the directory.
 */
async function readIfThere(
  gateway: Gateway,
  { ref, path, limit }: { readonly ref: string; readonly path: string; readonly limit: number | undefined },
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return await gateway.readFile({ ref, path, ...(limit === undefined ? {} : { lengthBytes: limit }) }, { signal });
  } catch (error) {
    if (RpcError.from(error).message.endsWith(`open ${path}: no such file or directory`)) return undefined;
    const entries = await gateway.readDir({ ref, path: parentOf(path), pattern: baseOf(path) }, { signal });
    if (entries.some((entry) => baseOf(entry.path) === baseOf(path))) throw error;
    return undefined;
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || ".";
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A platform as the contracts have it. */
function platformToProto(platform: Platform): Init<pb.Platform> {
  return {
    OS: platform.os,
    Architecture: platform.architecture,
    Variant: platform.variant,
    OSVersion: platform.osVersion,
    OSFeatures: platform.osFeatures,
  };
}
