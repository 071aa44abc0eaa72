/**
 * The image config that a stage is making. Changed in place; a stage that builds on another takes a copy.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/image.go (`clone`), convert.go (`addEnv`,
 * `commitToHistory`).
 */
import type { Platform } from "../../../llb/index.ts";
import type { ContainerConfig, HistoryEntry, ImageConfig } from "../image/image-config.ts";
import { emptyContainerConfig } from "../image/image-config.ts";
import { splitVariable } from "./environment.ts";

/** What may be long is changed in place; the fields of `config` are replaced. */
export interface ConfigDraft {
  author: string;
  platform: Platform;
  readonly rootfs: ImageConfig["rootfs"];
  history: History;
  readonly env: ConfigEnv;
  readonly labels: Map<string, string>;
  readonly exposedPorts: Set<string>;
  readonly volumes: Set<string>;
  /** Triggers for what builds on this. */
  onBuild: string[];
  config: ShortConfig;
}

/** The rest of a container's config. */
export type ShortConfig = Omit<ContainerConfig, "env" | "labels" | "exposedPorts" | "volumes" | "onBuild">;

/** The newest entry and what was before it: a copy costs nothing. */
export type History = { readonly entry: HistoryEntry; readonly before: History } | undefined;

/** The variables in their first order: setting one again changes it where it is. */
export interface ConfigEnv {
  readonly entries: string[];
  /** Where each key is first. */
  readonly first: Map<string, number>;
}

export function draftOf({ author, platform, rootfs, history, config: all }: ImageConfig): ConfigDraft {
  const { env, labels, exposedPorts, volumes, onBuild, ...config } = all;
  let newest: History;
  for (const entry of history) newest = { entry, before: newest };
  return {
    author,
    platform,
    rootfs,
    history: newest,
    env: newEnv(env),
    labels: new Map(labels),
    exposedPorts: new Set(exposedPorts),
    volumes: new Set(volumes),
    onBuild: [...onBuild],
    config,
  };
}

export function emptyDraft(platform: Platform): ConfigDraft {
  const rootfs = { type: "", diffIds: undefined };
  return draftOf({ created: undefined, author: "", platform, rootfs, history: [], config: emptyContainerConfig });
}

/** For a stage that builds on another. Triggers don't carry over. */
export function copyDraft(draft: ConfigDraft): ConfigDraft {
  return {
    ...draft,
    env: { entries: [...draft.env.entries], first: new Map(draft.env.first) },
    labels: new Map(draft.labels),
    exposedPorts: new Set(draft.exposedPorts),
    volumes: new Set(draft.volumes),
    onBuild: [],
  };
}

/** The finished config. `created` is for the exporter to say. */
export function finishDraft(draft: ConfigDraft): ImageConfig {
  const { author, platform, rootfs, config, env, labels, exposedPorts, volumes, onBuild } = draft;
  const history: HistoryEntry[] = [];
  for (let link = draft.history; link !== undefined; link = link.before) history.push(link.entry);
  return {
    created: undefined,
    author,
    platform,
    rootfs,
    history: history.reverse(),
    config: { ...config, env: env.entries, labels, exposedPorts, volumes, onBuild },
  };
}

export function setConfigEnv(env: ConfigEnv, key: string, value: string): void {
  const index = env.first.get(key);
  if (index !== undefined) env.entries[index] = `${key}=${value}`;
  else {
    env.first.set(key, env.entries.length);
    env.entries.push(`${key}=${value}`);
  }
}

function newEnv(entries: readonly string[]): ConfigEnv {
  const first = new Map<string, number>();
  entries.forEach((entry, index) => {
    const [key] = splitVariable(entry);
    if (!first.has(key)) first.set(key, index);
  });
  return { entries: [...entries], first };
}
