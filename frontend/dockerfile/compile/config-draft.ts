/**
 * The image config that a stage is making. Changed in place; a stage that builds on another takes a copy.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/image.go (`clone`), convert.go (`addEnv`,
 * `commitToHistory`).
 */
import type { Platform } from "../../../llb/index.ts";
import type { ContainerConfig, HistoryEntry, ImageConfig } from "../image/image-config.ts";
import { emptyContainerConfig } from "../image/image-config.ts";
import { splitVariable } from "./environment.ts";

/** Lists and maps of `config` are replaced, never changed; env and history are too long for that. */
export interface ConfigDraft {
  author: string;
  platform: Platform;
  readonly rootfs: ImageConfig["rootfs"];
  history: History;
  env: ConfigEnv;
  config: Omit<ContainerConfig, "env">;
}

/** The newest entry and what was before it: a copy costs nothing. */
export type History = { readonly entry: HistoryEntry; readonly before: History } | undefined;

/** The variables in their first order: setting one again changes it where it is. */
export interface ConfigEnv {
  readonly entries: string[];
  /** Where each key is first. */
  readonly first: Map<string, number>;
}

export function draftOf(image: ImageConfig): ConfigDraft {
  const { env, ...config } = image.config;
  let history: History;
  for (const entry of image.history) history = { entry, before: history };
  return { author: image.author, platform: image.platform, rootfs: image.rootfs, history, env: newEnv(env), config };
}

const emptyRootfs = { type: "", diffIds: undefined };
const { env: _none, ...emptyConfig } = emptyContainerConfig;

export function emptyDraft(platform: Platform): ConfigDraft {
  return { author: "", platform, rootfs: emptyRootfs, history: undefined, env: newEnv([]), config: emptyConfig };
}

export function copyDraft(draft: ConfigDraft): ConfigDraft {
  return {
    ...draft,
    env: { entries: [...draft.env.entries], first: new Map(draft.env.first) },
    // Triggers of a base don't carry over.
    config: { ...draft.config, onBuild: [] },
  };
}

/** The finished config. `created` is for the exporter to say. */
export function finishDraft(draft: ConfigDraft): ImageConfig {
  const history: HistoryEntry[] = [];
  for (let link = draft.history; link !== undefined; link = link.before) history.push(link.entry);
  return {
    created: undefined,
    author: draft.author,
    platform: draft.platform,
    rootfs: draft.rootfs,
    history: history.reverse(),
    config: { ...draft.config, env: draft.env.entries },
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
