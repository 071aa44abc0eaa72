/**
 * Where the Docker CLI would connect to, read from its own files as it reads them.
 * Source: docker/cli v28.5.2: cli/command/cli.go (resolveContextName), cli/context/store (layout of contexts/meta, contexts/tls).
 */
import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TlsFiles } from "../transport/index.ts";
import type { EngineHost } from "./host.ts";

export interface DockerEndpoint {
  /** Name of the docker context; "default" is the one without a file. */
  readonly context: string;
  /** "unix:///var/run/docker.sock", "tcp://…", "ssh://…" */
  readonly host: string;
  readonly tls: TlsFiles | undefined;
}

const DEFAULT_HOST = "unix:///var/run/docker.sock";

export function dockerConfigDir(host: EngineHost): string {
  return host.env["DOCKER_CONFIG"] || join(host.homeDir, ".docker");
}

/** The endpoint of the context that the Docker CLI would use; undefined when the named context has no such file. */
export async function currentDockerEndpoint(host: EngineHost): Promise<DockerEndpoint | undefined> {
  return dockerEndpoint(host, await currentContext(host));
}

export async function dockerEndpoint(host: EngineHost, context: string): Promise<DockerEndpoint | undefined> {
  if (context === "default") return defaultEndpoint(host);
  const directory = createHash("sha256").update(context).digest("hex");
  const contexts = join(dockerConfigDir(host), "contexts");
  const meta = await readJson(join(contexts, "meta", directory, "meta.json"));
  const address = stringAt(meta, ["Endpoints", "docker", "Host"]);
  if (address === undefined) return undefined;
  return { context, host: address, tls: await tlsFilesIn(join(contexts, "tls", directory, "docker")) };
}

async function currentContext(host: EngineHost): Promise<string> {
  if (host.env["DOCKER_HOST"]) return "default";
  if (host.env["DOCKER_CONTEXT"]) return host.env["DOCKER_CONTEXT"];
  const config = await readJson(join(dockerConfigDir(host), "config.json"));
  return stringAt(config, ["currentContext"]) || "default";
}

async function defaultEndpoint(host: EngineHost): Promise<DockerEndpoint> {
  const address = host.env["DOCKER_HOST"] || DEFAULT_HOST;
  const certificates = host.env["DOCKER_CERT_PATH"] || dockerConfigDir(host);
  const tls = host.env["DOCKER_TLS_VERIFY"] ? await tlsFilesIn(certificates) : undefined;
  return { context: "default", host: address, tls };
}

async function tlsFilesIn(directory: string): Promise<TlsFiles | undefined> {
  const found: { ca?: string; cert?: string; key?: string } = {};
  for (const name of ["ca", "cert", "key"] as const) {
    const file = join(directory, `${name}.pem`);
    if (await exists(file)) found[name] = file;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** A file that is missing, unreadable or no JSON is the Docker CLI's to complain about: here it says nothing. */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** The string at a path of property names in a value from outside. */
export function stringAt(value: unknown, path: readonly string[]): string | undefined {
  let at: unknown = value;
  for (const name of path) at = propertyOf(at, name);
  return typeof at === "string" ? at : undefined;
}

export function propertyOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
