/**
 * What progress calls an op: `[stage 2/5] RUN make`, with the platform in front when there are several.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/dockerfile2llb/convert.go (`prefixCommand`).
 */
import { BuildError, formatFullPlatform, normalizePlatform, type Platform, parsePlatform } from "../../../llb/index.ts";
import type { EnvLookup } from "../shell/env.ts";
import { type LexOptions, processWord } from "../shell/lex.ts";
import { toUpper } from "../text/unicode.ts";
import type { Stage } from "./stage.ts";

export interface NameSettings {
  /** Of the stage; shown when the result has several. */
  readonly platform: Platform | undefined;
  readonly multiPlatform: boolean;
  /** Of the whole file, when there are several in one graph. */
  readonly label: string | undefined;
  readonly env:
    | { readonly keys: () => Iterable<string>; readonly get: (key: string) => string | undefined }
    | undefined;
  readonly onbuild: boolean;
  readonly hostPlatform: Platform;
}

/** Counts a step of the stage, and names it. A stage without steps has plain names. */
export function nextStepName(stage: Stage, text: string, settings: NameSettings): string {
  const { steps } = stage;
  if (steps.total === 0) return text.toWellFormed();
  steps.done++;
  return stepName(stage, text, settings);
}

/** The name of the current step once more, with another text. */
export function stepName(stage: Stage, text: string, settings: NameSettings): string {
  const { done, total } = stage.steps;
  if (total === 0) return text.toWellFormed();
  const platform =
    settings.multiPlatform && settings.platform !== undefined ? platformPrefix(settings.platform, settings) : "";
  const label = [settings.label ?? "", stage.label]
    .filter((part) => part !== "")
    .map((part) => `${part} `)
    .join("");
  const number = String(done).padStart(String(total).length);
  return `[${platform}${label}${number}/${total}] ${settings.onbuild ? "ONBUILD " : ""}${text}`.toWellFormed();
}

/** An instruction as it is shown: its variables expanded where that is possible, its keyword in upper case. */
export function shownCommand(original: string, env: EnvLookup, lex: LexOptions): string {
  const expanded = expandOrKeep(original, env, lex);
  const space = expanded.indexOf(" ");
  return space < 0 ? toUpper(expanded) : toUpper(expanded.slice(0, space)) + expanded.slice(space);
}

function expandOrKeep(text: string, env: EnvLookup, lex: LexOptions): string {
  try {
    return processWord(text, env, lex).text;
  } catch (error) {
    if (error instanceof BuildError) return text;
    throw error;
  }
}

function platformPrefix(platform: Platform, { env, hostPlatform }: NameSettings): string {
  const target = env === undefined ? undefined : targetOf(env, hostPlatform);
  return `${formatFullPlatform(platform)}${target === undefined ? "" : crossArrow(platform, target)} `;
}

type PartialPlatform = Pick<Platform, "os" | "architecture" | "variant"> & Partial<Platform>;

/** The target as the TARGET variables of the stage tell it, if they do. */
function targetOf(env: NonNullable<NameSettings["env"]>, hostPlatform: Platform): PartialPlatform | undefined {
  let parts: PartialPlatform | undefined;
  const plain: PartialPlatform = { os: "", architecture: "", variant: "" };
  for (const key of env.keys()) {
    const value = env.get(key) ?? "";
    switch (key) {
      case "TARGETPLATFORM": {
        const parsed = parsePlatform(value, hostPlatform);
        if (parsed.kind === "platform") return parsed.platform;
        break;
      }
      case "TARGETOS":
        parts = { ...(parts ?? plain), os: value };
        break;
      case "TARGETARCH":
        parts = { ...(parts ?? plain), architecture: value };
        break;
      case "TARGETVARIANT":
        parts = { ...(parts ?? plain), variant: value };
        break;
    }
  }
  return parts;
}

/** `->arm64` when the stage runs on one platform and makes things for another. */
function crossArrow(base: Platform, target: PartialPlatform): string {
  const to = normalizePlatform({
    osVersion: "",
    osFeatures: [],
    ...target,
    os: target.os || base.os,
    architecture: target.architecture || base.architecture,
  });
  if (to.os !== base.os) return `->${formatFullPlatform(to)}`;
  if (to.architecture === base.architecture) return "";
  return `->${to.architecture}${to.variant === "" ? "" : `/${to.variant}`}`;
}
