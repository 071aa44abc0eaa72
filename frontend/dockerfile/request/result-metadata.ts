/**
 * What an exporter is told about the images of a result.
 * Contract: moby/buildkit v0.33.0: frontend/dockerui/build.go, exporter/containerimage/exptypes.
 */
import { formatFullPlatform, goJson, normalizePlatform, type Platform } from "../../../llb/index.ts";
import type { CompiledDockerfile } from "../compile/finish.ts";
import { formatImageConfig } from "../image/format-image-config.ts";

/** A compiled platform, in the order in which platforms were asked for. */
export interface PlatformBuild {
  /** As asked for, or that of the daemon's machine. */
  readonly platform: Platform;
  readonly compiled: Pick<CompiledDockerfile, "output" | "config" | "baseConfig" | "epoch"> &
    Partial<Pick<CompiledDockerfile, "scan">>;
}

/** The key of a platform in a result. */
export function platformKey(platform: Platform): string {
  return formatFullPlatform(normalizePlatform(platform));
}

/** Keys and values of a result; with `multiPlatform` each key names the platform that it is about. */
export function resultMetadata(builds: readonly PlatformBuild[], multiPlatform: boolean): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const { platform, compiled } of builds) {
    const suffix = multiPlatform ? `/${platformKey(platform)}` : "";
    metadata.set(`containerimage.config${suffix}`, formatImageConfig(compiled.config));
    if (compiled.baseConfig !== undefined) {
      metadata.set(`containerimage.base.config${suffix}`, formatImageConfig(compiled.baseConfig));
    }
    if (compiled.epoch !== undefined) metadata.set(`source.date.epoch${suffix}`, String(compiled.epoch.seconds));
  }
  metadata.set("refs.platforms", goJson({ Platforms: builds.map(exportPlatform) }));
  return metadata;
}

function exportPlatform({ platform, compiled }: PlatformBuild): unknown {
  const asked = normalizePlatform(platform);
  return { ID: formatFullPlatform(asked), Platform: platformJson(withWindowsDetails(asked, compiled.config.platform)) };
}

/** On Windows an image runs only on its version of the OS, so that is told even when nobody asked for it. */
function withWindowsDetails(asked: Platform, image: Platform): Platform {
  if (asked.os !== "windows" || image.os !== asked.os) return asked;
  return normalizePlatform({
    ...asked,
    osVersion: asked.osVersion || image.osVersion,
    osFeatures: asked.osFeatures.length > 0 ? asked.osFeatures : image.osFeatures,
  });
}

function platformJson(platform: Platform): Record<string, unknown> {
  return {
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.osVersion === "" ? {} : { "os.version": platform.osVersion }),
    ...(platform.osFeatures.length === 0 ? {} : { "os.features": platform.osFeatures }),
    ...(platform.variant === "" ? {} : { variant: platform.variant }),
  };
}
