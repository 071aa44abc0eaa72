/**
 * `--output` as docker buildx reads it.
 * Source: docker/buildx v0.37.0: util/buildflags/export.go (UnmarshalText), build/opt.go (CreateExports).
 */
import { ClientError } from "../client-error.ts";
import { keyValues, parseBoolean, withoutKeys } from "./key-values.ts";

/** `attrs` go to the daemon's exporter `type` as they are. Paths are as given. */
export type OutputOption =
  /** `type=local`: a tree of files. `type=oci|docker,tar=false`: an OCI layout. */
  | {
      readonly kind: "directory";
      readonly type: "local" | "oci" | "docker";
      readonly path: string;
      readonly attrs: Attrs;
    }
  /** An archive in a file. */
  | { readonly kind: "file"; readonly type: "tar" | "oci" | "docker"; readonly path: string; readonly attrs: Attrs }
  /** An archive on standard output. */
  | { readonly kind: "stdout"; readonly type: "tar" | "oci" | "docker"; readonly attrs: Attrs }
  /** `type=docker` without a destination: into the local Docker. */
  | { readonly kind: "docker-load"; readonly attrs: Attrs }
  /** The daemon does it alone: `image` (also for `registry`), and exporters that this client doesn't know. */
  | { readonly kind: "daemon"; readonly type: string; readonly attrs: Attrs };

type Attrs = Readonly<Record<string, string>>;

/** Besides key=value pairs: a bare path is a local directory, a bare "-" a tar on standard output. Throws `ClientError` "bad-option". */
export function parseOutput(text: string): OutputOption {
  if (text === "-") return { kind: "stdout", type: "tar", attrs: {} };
  if (!text.includes("=") && !/[",]/.test(text) && text !== "")
    return { kind: "directory", type: "local", path: text, attrs: {} };
  const given = keyValues("--output", text);
  const type = given.get("type") ?? "";
  if (type === "") {
    throw new ClientError("bad-option", `--output ${text}: type is missing`, {
      hint: "for example type=local,dest=out",
    });
  }
  const output = given.get("output");
  if (output !== undefined) {
    throw new ClientError("bad-option", `--output ${text}: there is no key "output"`, {
      hint: `did you mean dest=${output}?`,
    });
  }
  return toOption(text, type, given.get("dest") ?? "", given);
}

function toOption(text: string, type: string, dest: string, given: ReadonlyMap<string, string>): OutputOption {
  const attrs = withoutKeys(given, "type", "dest");
  switch (type) {
    case "local":
      return directoryOption(text, type, dest, attrs);
    case "oci":
    case "docker":
      if (parseBoolean(attrs["tar"] ?? "") === false) return directoryOption(text, type, dest, attrs);
      if (type === "docker" && dest === "") return { kind: "docker-load", attrs };
      return archiveOption(type, dest, attrs);
    case "tar":
      return archiveOption(type, dest, attrs);
    case "registry":
      // What is only pushed need not be unpacked on the daemon.
      return { kind: "daemon", type: "image", attrs: { unpack: "false", ...attrs, push: "true" } };
    default:
      if (dest !== "") throw new ClientError("bad-option", `--output ${text}: the ${type} exporter has no destination`);
      return { kind: "daemon", type, attrs };
  }
}

function directoryOption(text: string, type: "local" | "oci" | "docker", path: string, attrs: Attrs): OutputOption {
  if (path !== "" && path !== "-") return { kind: "directory", type, path, attrs };
  throw new ClientError("bad-option", `--output ${text}: dest must name a directory`);
}

function archiveOption(type: "tar" | "oci" | "docker", dest: string, attrs: Attrs): OutputOption {
  return dest === "" || dest === "-" ? { kind: "stdout", type, attrs } : { kind: "file", type, path: dest, attrs };
}
