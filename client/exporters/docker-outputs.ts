/**
 * Outputs where the engine is Docker's own BuildKit, which puts images into Docker by an exporter of its own ("moby"), and
 * has few others unless containerd keeps Docker's images.
 * Source: docker/buildx v0.37.0: build/opt.go (CreateExports, toSolveOpt), driver/docker/driver.go (Features).
 */
import { ClientError } from "../client-error.ts";
import { listWorkers } from "../control/control.ts";
import type { RpcClient } from "../rpc/client.ts";
import type { CallOptions } from "../rpc/method.ts";
import { parseBoolean, withoutKeys } from "./key-values.ts";
import type { OutputOption } from "./output-option.ts";

/** Where Docker keeps images: in its own graph drivers, or in containerd. */
export type DockerStore = "classic" | "containerd";

export interface DockerOutputs {
  readonly outputs: readonly OutputOption[];
  /** Names to push by `docker push` after the build: Docker's classic store has no exporter that pushes. */
  readonly push: readonly string[];
}

/** Only a worker on containerd's snapshotters names one. */
export async function dockerStore(client: RpcClient, options?: CallOptions): Promise<DockerStore> {
  const workers = await listWorkers(client, [], options);
  const label = "org.mobyproject.buildkit.worker.snapshotter";
  return workers.some(({ Labels }) => Labels[label] !== undefined) ? "containerd" : "classic";
}

/** Throws `ClientError` "bad-option" for what Docker can't export. */
export function outputsForDocker(outputs: readonly OutputOption[], store: DockerStore): DockerOutputs {
  const adapted = outputs.map((output) => adapt(output, store));
  return { outputs: adapted.map(({ output }) => output), push: adapted.flatMap(({ push }) => push) };
}

interface Adapted {
  readonly output: OutputOption;
  readonly push: readonly string[];
}

function adapt(output: OutputOption, store: DockerStore): Adapted {
  switch (output.kind) {
    case "docker-load":
      return intoDocker(output.attrs);
    case "daemon":
      return output.type === "image" ? image(output, store) : { output, push: [] };
    case "directory":
    case "file":
    case "stdout":
      if (store === "classic" && (output.type === "oci" || output.type === "docker")) throw notClassic(output.type);
      return { output, push: [] };
  }
}

function image(output: Extract<OutputOption, { kind: "daemon" }>, store: DockerStore): Adapted {
  const { attrs } = output;
  if (parseBoolean(attrs["push"] ?? "") !== true) return intoDocker(attrs);
  // What Docker pushes it also has, ready to be run.
  if (store === "containerd") return { output: { ...output, attrs: { ...attrs, unpack: "true" } }, push: [] };
  if (parseBoolean(attrs["push-by-digest"] ?? "") === true) throw notClassic("image,push-by-digest=true");
  const names = (attrs["name"] ?? "").split(",").filter((name) => name !== "");
  return { ...intoDocker(attrs), push: names };
}

function intoDocker(attrs: Readonly<Record<string, string>>): Adapted {
  const kept = withoutKeys(new Map(Object.entries(attrs)), "push", "unpack");
  return { output: { kind: "daemon", type: "moby", attrs: kept }, push: [] };
}

function notClassic(type: string): ClientError {
  return new ClientError("bad-option", `--output: Docker's own BuildKit has no type=${type} with this image store`, {
    hint: "turn on Docker's containerd image store, use type=docker and `docker save`, or name another engine with --builder or --buildkit",
  });
}
