/**
 * Bills of materials: a scanner image runs over the built images, and its findings become attestations of the result.
 * Contract: moby/buildkit v0.33.0: frontend/attestations/sbom/sbom.go, frontend/dockerfile/builder/build.go; messages as there.
 */
import type { Gateway } from "../../client/index.ts";
import {
  BuildError,
  bindMount,
  definitionToProto,
  image,
  marshal,
  type Platform,
  State,
  scratch,
  tmpfsMount,
} from "../../llb/index.ts";
import { type gateway as contract, gateway as gatewayContract, type Init } from "../../proto/index.ts";
import {
  answerAll,
  type BuildOptions,
  type ContainerConfig,
  imageAnswer,
  lookupKey,
  type PlatformBuild,
  parseImageConfig,
  platformKey,
  type ScanTargets,
} from "../dockerfile/index.ts";
import { gatewayWorld } from "./world.ts";

const SOURCES = "/run/src";
const DESTINATION = "/run/out/";
/** The name of the result itself, and the beginning of those of others. */
const CORE = "sbom";

/** By the platforms of the builds; nothing where no bill is asked for. Throws `BuildError`, and `RpcError` when the daemon fails. */
export async function scanBuilds(
  gateway: Gateway,
  builds: readonly PlatformBuild[],
  options: Pick<BuildOptions, "sbom" | "buildPlatform" | "resolveMode">,
  signal: AbortSignal,
): Promise<Readonly<Record<string, Init<contract.Attestations>>>> {
  if (options.sbom === undefined) return {};
  const scanner = await findScanner(gateway, options, signal);
  const entries = builds.map(async (build) => {
    const platform = platformKey(build.platform);
    const definition = definitionToProto(marshal(scanState(build, platform, { scanner, ...options }).output));
    const { ref } = await gateway.solve({ Definition: definition }, { signal });
    return [platform, { attestation: [attestation(ref)] }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

interface Scanner {
  readonly reference: string;
  readonly config: ContainerConfig;
}

async function findScanner(
  gateway: Gateway,
  { sbom, buildPlatform, resolveMode }: Pick<BuildOptions, "sbom" | "buildPlatform" | "resolveMode">,
  signal: AbortSignal,
): Promise<Scanner> {
  const reference = sbom?.generator ?? "";
  const lookup = {
    kind: "image",
    reference,
    platform: buildPlatform,
    resolveMode,
    layout: undefined,
    logName: `resolve image config for docker-image://${reference}`,
  } as const;
  const { answer } = await answerAll(
    (known) => {
      const answer = known.get(lookupKey(lookup));
      return answer === undefined ? { kind: "needs", lookups: [lookup] } : { kind: "answered", answer };
    },
    gatewayWorld(gateway, signal),
  );
  const found = imageAnswer(answer, reference);
  const { config } = parseImageConfig(found.config);
  const command = [...config.entrypoint, ...config.cmd];
  if (command.length === 0) throw new BuildError("bad-scanner", `scanner ${found.reference} does not have cmd`);
  return { reference: found.reference, config };
}

function scanState(
  { compiled: { output, scan } }: PlatformBuild,
  platform: string,
  {
    scanner,
    sbom,
    buildPlatform,
  }: { readonly scanner: Scanner; readonly buildPlatform: Platform } & Pick<BuildOptions, "sbom">,
): State {
  const { config, reference } = scanner;
  const extras: ScanTargets["extras"] = scan?.extras ?? new Map();
  const env = [
    ...config.env,
    `BUILDKIT_SCAN_DESTINATION=${DESTINATION}`,
    `BUILDKIT_SCAN_SOURCE=${SOURCES}/core/${CORE}`,
    ...(extras.size > 0 ? [`BUILDKIT_SCAN_SOURCE_EXTRAS=${SOURCES}/extras`] : []),
    ...[...(sbom?.parameters ?? [])].map(([name, value]) => `BUILDKIT_SCAN_${name}=${value}`),
  ];
  const start = env.reduce(
    (state, entry) => {
      const equals = entry.indexOf("=");
      return equals < 0 ? state.env(entry, "") : state.env(entry.slice(0, equals), entry.slice(equals + 1));
    },
    image(reference, { platform: buildPlatform }).dir(config.workingDir || "/"),
  );
  const extraMounts = [...extras].map(([name, tree]) =>
    bindMount(`${SOURCES}/extras/${CORE}-${name}`, new State(tree)),
  );
  return start
    .run([...config.entrypoint, ...config.cmd], {
      name: `[${platform}] generating sbom using ${reference}`,
      ...(scan?.ignoreCache ? { ignoreCache: true } : {}),
      mounts: [
        tmpfsMount("/tmp"),
        bindMount(`${SOURCES}/core/${CORE}`, new State(output)),
        ...extraMounts,
        bindMount(DESTINATION, scratch(), { writable: true }),
      ],
    })
    .mount(DESTINATION);
}

function attestation(ref: contract.Ref | undefined): Init<contract.Attestation> {
  const encoder = new TextEncoder();
  return {
    kind: gatewayContract.AttestationKind.Bundle,
    ref: ref ?? { id: "", def: undefined },
    metadata: { reason: encoder.encode("sbom"), "sbom-core": encoder.encode(CORE) },
    inTotoPredicateType: "https://spdx.dev/Document",
  };
}
