/**
 * Findings of the linter as warnings beside the step that loaded the Dockerfile.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/builder/build.go (`warnOpts`), frontend/dockerui/config.go (`Warn`).
 */
import type { Gateway } from "../../client/index.ts";
import { definitionToProto, headDigest, marshal, type SourceMap } from "../../llb/index.ts";
import { type LintWarning, lineRanges, shortMessage } from "../dockerfile/index.ts";

export async function sendWarnings(
  gateway: Gateway,
  source: SourceMap,
  warnings: readonly LintWarning[],
  signal: AbortSignal,
): Promise<void> {
  if (warnings.length === 0) return;
  const { filename, language, data, origin } = source;
  const definition = marshal(origin);
  const info = { filename, language, data, definition: definitionToProto(definition) };
  await Promise.all(
    warnings.map((warning) =>
      gateway.warn(
        {
          digest: headDigest(definition) ?? "",
          level: 1,
          short: new TextEncoder().encode(shortMessage(warning)),
          detail: [new TextEncoder().encode(warning.description)],
          url: warning.url,
          info,
          ranges: warning.lines.last < warning.lines.first ? [] : lineRanges(warning.lines),
        },
        { signal },
      ),
    ),
  );
}

/** A remark about the build as a whole. */
export async function warnAbout(
  gateway: Gateway,
  { origin }: SourceMap,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const short = new TextEncoder().encode(text);
  await gateway.warn({ digest: headDigest(marshal(origin)) ?? "", level: 1, short }, { signal });
}
