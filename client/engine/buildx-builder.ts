/**
 * The builder that `docker buildx` would use, read from its store, and the address of that builder's buildkitd.
 * Source: docker/buildx v0.37.0: store/store.go (Current), util/dockerutil/context.go (GetCurrentEndpoint), driver/…/factory.go.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TlsFiles } from "../transport/index.ts";
import { findProgram, runCommand } from "./command.ts";
import {
  currentDockerEndpoint,
  type DockerEndpoint,
  dockerConfigDir,
  dockerEndpoint,
  propertyOf,
  readJson,
  stringAt,
} from "./docker-endpoint.ts";
import type { EngineHost } from "./host.ts";

/** A builder that is more than a docker context. */
export interface Builder {
  readonly name: string;
  readonly driver: string;
  /** The first node's; builders of several nodes are used by their first. */
  readonly node: string;
  readonly endpoint: string;
  readonly driverOpts: Readonly<Record<string, string>>;
}

/** How to reach a builder, or why not. */
export type BuilderAddress =
  | {
      readonly kind: "address";
      readonly address: string;
      readonly tls?: TlsFiles | undefined;
      /** Docker's own endpoint, where the builder is one of its containers: no use to try while Docker doesn't answer. */
      readonly behind?: DockerEndpoint;
    }
  | { readonly kind: "unusable"; readonly reason: string };

/** The selected builder; undefined when that is just a docker context (or nothing was ever selected). */
export async function selectedBuilder(host: EngineHost, name?: string): Promise<Builder | undefined> {
  const store = host.env["BUILDX_CONFIG"] || join(dockerConfigDir(host), "buildx");
  const wanted = name ?? (host.env["BUILDX_BUILDER"] || undefined);
  if (wanted !== undefined) return instance(store, wanted);

  const endpoint = await currentDockerEndpoint(host);
  const key = endpoint?.context === "default" ? endpoint.host : endpoint?.context;
  const current = await readJson(join(store, "current"));
  const chosen = stringAt(current, ["Name"]) ?? "";
  if (chosen !== "") {
    if (propertyOf(current, "Global") === true) {
      const builder = await instance(store, chosen);
      if (builder !== undefined) return builder;
    }
    if (stringAt(current, ["Key"]) === key) return instance(store, chosen);
  }
  if (key === undefined) return undefined;
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 20);
  const fallback = await readFile(join(store, "defaults", hash), "utf8").catch(() => "");
  return fallback === "" ? undefined : instance(store, fallback);
}

async function instance(store: string, name: string): Promise<Builder | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return undefined;
  const group = await readJson(join(store, "instances", name));
  const nodes = propertyOf(group, "Nodes");
  const node: unknown = Array.isArray(nodes) ? nodes[0] : undefined;
  const driver = stringAt(group, ["Driver"]);
  if (driver === undefined || driver === "docker" || node === undefined) return undefined;
  return {
    name,
    driver,
    node: stringAt(node, ["Name"]) ?? `${name}0`,
    endpoint: stringAt(node, ["Endpoint"]) ?? "",
    driverOpts: stringsOf(propertyOf(node, "DriverOpts")),
  };
}

export async function builderAddress(
  host: EngineHost,
  builder: Builder,
  signal?: AbortSignal,
): Promise<BuilderAddress> {
  if (builder.driver === "remote") return remoteAddress(builder);
  if (builder.driver === "docker-container") return containerAddress(host, builder);
  if (builder.driver === "kubernetes") return podAddress(host, builder, signal);
  return { kind: "unusable", reason: `its driver ${builder.driver} is unknown` };
}

function remoteAddress({ endpoint, driverOpts }: Builder): BuilderAddress {
  const { cacert: ca, cert, key, servername: serverName } = driverOpts;
  const encrypted = [ca, cert, key, serverName].some((value) => value !== undefined);
  return { kind: "address", address: endpoint, tls: encrypted ? { ca, cert, key, serverName } : undefined };
}

/** The node's endpoint is a docker context's name, or the bare address of the default one. */
async function containerAddress(host: EngineHost, builder: Builder): Promise<BuilderAddress> {
  const container = `docker-container://buildx_buildkit_${builder.node}`;
  const current = await currentDockerEndpoint(host);
  if (current !== undefined && (builder.endpoint === current.host || builder.endpoint === current.context))
    return { kind: "address", address: container, behind: current };
  const named = builder.endpoint.includes("://") ? undefined : await dockerEndpoint(host, builder.endpoint);
  if (named === undefined)
    return { kind: "unusable", reason: `its docker endpoint ${builder.endpoint} is not a context` };
  return { kind: "address", address: `${container}?context=${encodeURIComponent(named.context)}`, behind: named };
}

/** The pods of a kubernetes builder carry its deployment's name in the label `app`. */
async function podAddress(host: EngineHost, builder: Builder, signal?: AbortSignal): Promise<BuilderAddress> {
  const kubectl = findProgram(host, "kubectl");
  if (kubectl === undefined) return { kind: "unusable", reason: "kubectl is not on PATH" };
  const query = new URLSearchParams(builder.endpoint.split("?")[1] ?? "");
  const deployment = query.get("deployment") || builder.node.replaceAll("_", "-");
  const namespace = builder.driverOpts["namespace"];
  const inNamespace = namespace === undefined ? [] : ["--namespace", namespace];
  const selection = ["--selector", `app=${deployment}`, "--field-selector", "status.phase=Running", "--output", "name"];
  const args = [...inNamespace, "--request-timeout=5s", "get", "pods", ...selection];
  const { stdout } = await runCommand(kubectl, args, {
    env: host.env,
    timeoutMs: 8_000,
    signal,
  });
  const pod = stdout.split("\n")[0]?.replace(/^pod\//, "") ?? "";
  if (pod === "") return { kind: "unusable", reason: `no running pod of deployment ${deployment} was found` };
  return { kind: "address", address: `kube-pod://${pod}${namespace === undefined ? "" : `?namespace=${namespace}`}` };
}

function stringsOf(value: unknown): Record<string, string> {
  const strings: Record<string, string> = {};
  if (typeof value !== "object" || value === null) return strings;
  for (const [name, text] of Object.entries(value)) if (typeof text === "string") strings[name] = text;
  return strings;
}
