/**
 * Image configs as JSON, byte for byte as Go writes its structure: the order of its fields, empty ones left out, maps
 * sorted by key. The text is part of the image's identity.
 */
import { BuildError, compareBytes, goJson } from "../../../llb/index.ts";
import type { ContainerConfig, Healthcheck, HistoryEntry, ImageConfig } from "./image-config.ts";

/** Times have four digits of a year; SOURCE_DATE_EPOCH can be beyond them. */
const HAS_YEAR = /^\d{4}-/;

/** Throws `BuildError` "bad-time" for a history that is not of this age. */
export function formatImageConfig(image: ImageConfig): string {
  const { platform, rootfs } = image;
  return object([
    text("created", image.created ?? ""),
    text("author", image.author),
    always("architecture", platform.architecture),
    always("os", platform.os),
    text("os.version", platform.osVersion),
    list("os.features", platform.osFeatures),
    text("variant", platform.variant),
    field("rootfs", object([always("type", rootfs.type), always("diff_ids", rootfs.diffIds ?? null)])),
    image.history.length > 0 && field("history", `[${image.history.map(historyEntry).join(",")}]`),
    field("config", containerConfig(image.config)),
  ]);
}

function containerConfig(config: ContainerConfig): string {
  return object([
    text("User", config.user),
    map(
      "ExposedPorts",
      [...config.exposedPorts].map((port) => [port, {}]),
    ),
    list("Env", config.env),
    list("Entrypoint", config.entrypoint),
    list("Cmd", config.cmd),
    map(
      "Volumes",
      [...config.volumes].map((volume) => [volume, {}]),
    ),
    text("WorkingDir", config.workingDir),
    map("Labels", [...config.labels]),
    text("StopSignal", config.stopSignal),
    config.argsEscaped && always("ArgsEscaped", true),
    config.healthcheck !== undefined && field("Healthcheck", healthcheck(config.healthcheck)),
    list("OnBuild", config.onBuild),
    list("Shell", config.shell),
  ]);
}

function healthcheck(check: Healthcheck): string {
  const number = (name: string, value: bigint): string | false => value !== 0n && field(name, String(value));
  return object([
    list("Test", check.test),
    number("Interval", check.interval),
    number("Timeout", check.timeout),
    number("StartPeriod", check.startPeriod),
    number("StartInterval", check.startInterval),
    number("Retries", check.retries),
  ]);
}

function historyEntry(entry: HistoryEntry): string {
  if (entry.created !== undefined && !HAS_YEAR.test(entry.created)) {
    throw new BuildError(
      "bad-time",
      "failed to marshal image config: json: error calling MarshalJSON for type *time.Time: Time.MarshalJSON: year outside of range [0,9999]",
    );
  }
  return object([
    text("created", entry.created ?? ""),
    text("created_by", entry.createdBy),
    text("author", entry.author),
    text("comment", entry.comment),
    entry.emptyLayer && always("empty_layer", true),
  ]);
}

function object(fields: readonly (string | false)[]): string {
  return `{${fields.filter((part) => part !== false).join(",")}}`;
}

function field(name: string, json: string): string {
  return `"${name}":${json}`;
}

function always(name: string, value: unknown): string {
  return field(name, goJson(value));
}

function text(name: string, value: string): string | false {
  return value !== "" && always(name, value);
}

function list(name: string, values: readonly string[]): string | false {
  return values.length > 0 && always(name, values);
}

function map(name: string, entries: readonly (readonly [string, unknown])[]): string | false {
  if (entries.length === 0) return false;
  const sorted = [...entries].sort(([a], [b]) => compareBytes(a, b));
  return field(name, `{${sorted.map(([key, value]) => `${goJson(key)}:${goJson(value)}`).join(",")}}`);
}
