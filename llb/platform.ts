/**
 * Platforms: what an image runs on. Written, read and normalised as containerd does.
 * Contract: OCI image spec (image index, platform); containerd/platforms v1.0.0-rc.5.
 */
import { cleanPath } from "./paths.ts";

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
}

/** A platform of Linux. `variant` is left empty where an architecture has just one. */
export function linux(architecture: string, variant = ""): Platform {
  return { os: "linux", architecture, variant, osVersion: "", osFeatures: [] };
}

/** `os/architecture[/variant]`, as platforms are written in options. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  if (os === "") return "unknown";
  return cleanPath([os, architecture, variant].filter((part) => part !== "").join("/"));
}

/** As {@link formatPlatform} with version and features, `windows(10.0.17763+win32k)/amd64`: the keys of results. */
export function formatFullPlatform(platform: Platform): string {
  const { os, osVersion, osFeatures } = platform;
  if (osVersion === "" && osFeatures.length === 0) return formatPlatform(platform);
  const features = [...new Set(osFeatures)].filter((feature) => feature !== "").sort();
  if (os === "" || (osVersion === "" && features.length === 0)) return formatPlatform(platform);
  const details = encodeOsOption(osVersion) + features.map((feature) => `+${encodeOsOption(feature)}`).join("");
  return formatPlatform({ ...platform, os: `${os}(${details})` });
}

/** Percent signs for the characters that mean something in the written form. */
function encodeOsOption(value: string): string {
  return value.replace(/[%+()/]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The same platform in canonical words: `x86_64` is `amd64`, `arm` is `arm/v7`, `arm64/v8` is `arm64`. */
export function normalizePlatform(platform: Platform): Platform {
  const [architecture, variant] = normalizeArchitecture(platform.architecture, platform.variant);
  const { osVersion } = platform;
  const osFeatures = platform.osFeatures.length === 0 ? platform.osFeatures : [...new Set(platform.osFeatures)].sort();
  return { os: normalizeOs(platform.os), architecture, variant, osVersion, osFeatures };
}

/** An empty name is that of the machine BuildKit runs on, which is always Linux where there are builds. */
export function normalizeOs(os: string): string {
  const name = os.toLowerCase();
  return name === "" ? "linux" : name === "macos" ? "darwin" : name;
}

/** Architecture and variant in canonical words. */
export function normalizeArchitecture(architecture: string, variant: string): [string, string] {
  const arch = architecture.toLowerCase();
  const form = variant.toLowerCase();
  switch (arch) {
    case "i386":
      return ["386", ""];
    case "x86_64":
    case "x86-64":
    case "amd64":
      return ["amd64", form === "v1" ? "" : form];
    case "aarch64":
    case "arm64":
      return [
        "arm64",
        form === "8" || form === "v8" || form === "v8.0"
          ? ""
          : form === "9" || form === "9.0" || form === "v9.0"
            ? "v9"
            : form,
      ];
    case "armhf":
      return ["arm", "v7"];
    case "armel":
      return ["arm", "v6"];
    case "arm":
      return ["arm", form === "" || form === "7" ? "v7" : /^[5-8]$/.test(form) ? `v${form}` : form];
    default:
      return [arch, form];
  }
}
