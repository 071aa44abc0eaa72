/**
 * Turns outputs into what a solve request says of them, what the session takes in, and what is left to do afterwards.
 * Source: docker/buildx v0.37.0: build/opt.go (CreateExports); moby/buildkit v0.33.0: client/solve.go.
 */
import { isAbsolute, join } from "node:path";
import type { Writable } from "node:stream";
import { ClientError } from "../client-error.ts";
import { type ContentStore, EXPORT_STORE_ID } from "../content/content-service.ts";
import { type Descriptor, tagInLayout } from "../content/oci-layout.ts";
import { type DockerLoadOptions, dockerLoad } from "../filesync/docker-load.ts";
import { fileSink, streamSink } from "../filesync/export-sink.ts";
import type { ExportTarget } from "../filesync/file-send-service.ts";
import type { OutputOption } from "./output-option.ts";

export interface ExportPlanOptions {
  /** What relative destinations are relative to. */
  readonly directory: string;
  /** Where archives for standard output go; undefined where it is a terminal, which archives are not for. */
  readonly stdout: Writable | undefined;
  readonly dockerLoad: DockerLoadOptions;
}

export interface ExportPlan {
  /** For the solve request, in its form. */
  readonly exporters: readonly { readonly Type: string; readonly Attrs: Readonly<Record<string, string>> }[];
  /** For `fileSendService`. */
  readonly targets: ReadonlyMap<number, ExportTarget>;
  /** For `contentService`. */
  readonly stores: ReadonlyMap<string, ContentStore>;
  /** To be called with the exporters' response after a build that succeeded: names the images in exported layouts. */
  finish(exporterResponse: Readonly<Record<string, string>>): Promise<void>;
}

/** Throws `ClientError` "bad-option". Nothing is opened or created yet. */
export function planExports(outputs: readonly OutputOption[], options: ExportPlanOptions): ExportPlan {
  const targets = new Map<number, ExportTarget>();
  const stores = new Map<string, ContentStore>();
  checkStdout(outputs, options.stdout);
  const exporters = outputs.map((output, id) => {
    switch (output.kind) {
      case "directory":
        if (output.type === "local") targets.set(id, localTarget(output, options));
        else addLayout(stores, absolute(output.path, options));
        break;
      case "file":
        targets.set(id, { kind: "stream", open: async () => fileSink(absolute(output.path, options)) });
        break;
      case "stdout": {
        const { stdout } = options;
        if (stdout !== undefined) {
          targets.set(id, {
            kind: "stream",
            open: async () => streamSink(stdout, "standard output", { keepOpen: true }),
          });
        }
        break;
      }
      case "docker-load":
        targets.set(id, { kind: "stream", open: async () => dockerLoad(options.dockerLoad) });
        break;
      case "daemon":
        break;
    }
    return { Type: output.kind === "docker-load" ? "docker" : output.type, Attrs: output.attrs };
  });
  return { exporters, targets, stores, finish: (response) => tagLayouts(stores, response) };
}

function localTarget(output: Extract<OutputOption, { kind: "directory" }>, options: ExportPlanOptions): ExportTarget {
  const mode = output.attrs["mode"] ?? "";
  if (mode !== "" && mode !== "copy" && mode !== "delete") {
    throw new ClientError("bad-option", `--output: the local exporter has no mode ${JSON.stringify(mode)}`, {
      hint: "copy or delete",
    });
  }
  return { kind: "directory", path: absolute(output.path, options), deleteExtraneous: mode === "delete" };
}

function addLayout(stores: Map<string, ContentStore>, path: string): void {
  // BuildKit's exporters all write to one store, whichever of them it is.
  if (stores.has(EXPORT_STORE_ID))
    throw new ClientError("bad-option", "--output: only one OCI layout can be written by a build");
  stores.set(EXPORT_STORE_ID, { path, writable: true });
}

function checkStdout(outputs: readonly OutputOption[], stdout: Writable | undefined): void {
  const archives = outputs.filter((output) => output.kind === "stdout");
  if (archives.length > 1) throw new ClientError("bad-option", "--output: only one archive can go to standard output");
  if (archives.length === 1 && stdout === undefined) {
    throw new ClientError(
      "bad-option",
      `--output: an archive of type ${archives[0]?.type} is not written to a terminal`,
      {
        hint: "give a file with dest=, or pipe the output",
      },
    );
  }
}

function absolute(path: string, options: ExportPlanOptions): string {
  return isAbsolute(path) ? path : join(options.directory, path);
}

async function tagLayouts(
  stores: ReadonlyMap<string, ContentStore>,
  response: Readonly<Record<string, string>>,
): Promise<void> {
  const store = stores.get(EXPORT_STORE_ID);
  const encoded = response["containerimage.descriptor"];
  if (store === undefined || encoded === undefined) return;
  // The daemon's own JSON of an OCI descriptor.
  const descriptor = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as Descriptor;
  const names = response["image.name"]?.split(",") ?? [];
  if (names.length === 0) await tagInLayout(store.path, descriptor, { tag: "latest" });
  for (const name of names) await tagInLayout(store.path, descriptor, { name });
}
