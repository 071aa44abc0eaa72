/**
 * Platforms: what an image runs on. Written, read and normalised as containerd does.
 * Contract: OCI image spec (image index, platform); containerd/platforms v1.0.0-rc.5.
 */
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

/** `os/architecture[/variant]`, as platforms are written in options and in keys of results. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  if (os === "") return "unknown";
  return [os, architecture, variant].filter((part) => part !== "").join("/");
}

/** The same platform in canonical words: `x86_64` is `amd64`, `arm` is `arm/v7`, `arm64/v8` is `arm64`. */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === "macos" ? "darwin" : platform.os.toLowerCase();
  const [architecture, variant] = normalizeArchitecture(platform.architecture, platform.variant);
  return { ...platform, os, architecture, variant };
}

function normalizeArchitecture(architecture: string, variant: string): [string, string] {
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

/** Whether two platforms are the same in all their parts, as they stand. */
export function samePlatform(a: Platform, b: Platform): boolean {
  return (
    a.os === b.os &&
    a.architecture === b.architecture &&
    a.variant === b.variant &&
    a.osVersion === b.osVersion &&
    a.osFeatures.length === b.osFeatures.length &&
    a.osFeatures.every((feature, index) => feature === b.osFeatures[index])
  );
}
