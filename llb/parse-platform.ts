/**
 * Platforms as people write them: `linux/arm64`, `arm/v6`, `windows(10.0.17763)/amd64`, or just an OS or architecture.
 * Contract: containerd/platforms v1.0.0-rc.5: platforms.go (`Parse`); messages as there.
 */

import { normalizeArchitecture, normalizeOs, type Platform } from "./platform.ts";
import { quote } from "./quote.ts";

export type ParsedPlatform =
  | { readonly kind: "platform"; readonly platform: Platform }
  /** `message` is the one of the original. */
  | { readonly kind: "invalid"; readonly message: string };

const COMPONENT_PATTERN = "^[A-Za-z0-9_.-]+$";
const OS_PATTERN = "^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)((?:\\+[A-Za-z0-9_.%-]+)*)\\))?$";
const COMPONENT = new RegExp(COMPONENT_PATTERN);
const OS_COMPONENT = new RegExp(OS_PATTERN);
const OS_NAMES = new Set(
  "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos".split(
    " ",
  ),
);
const ARCHITECTURE_NAMES = new Set(
  (
    "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le " +
    "ppc riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);
const MOST_PARTS = 3;

/** `host` fills in what a single word leaves open: the architecture of `linux`, the OS of `arm64`. */
export function parsePlatform(text: string, host: Platform): ParsedPlatform {
  if (text.includes("*")) return invalid(`${quote(text)}: wildcards not yet supported: invalid argument`);
  const parts = text.split("/");
  const [first = "", second = "", third = ""] = parts;
  const os = OS_COMPONENT.exec(first);
  if (os === null) {
    return invalid(
      `${quote(first)} is an invalid OS component of ${quote(text)}: OSAndVersion specifier component must match ${quote(OS_PATTERN)}: invalid argument`,
    );
  }
  const options = decodeOptions(os[2] ?? "", os[3] ?? "");
  if (typeof options === "string") return invalid(`${quote(text)} has ${options}`);
  for (const part of joinSurplus(parts).slice(1)) {
    if (COMPONENT.test(part)) continue;
    return invalid(
      `${quote(part)} is an invalid component of ${quote(text)}: platform specifier component must match ${quote(COMPONENT_PATTERN)}: invalid argument`,
    );
  }
  const base = { os: normalizeOs(os[1] ?? ""), ...options };
  switch (parts.length) {
    case 1:
      return oneWord(text, first, base, host);
    case 2: {
      const [architecture, variant] = normalizeArchitecture(second, "");
      return found({ ...base, architecture, variant: architecture === "arm" && variant === "v7" ? "" : variant });
    }
    case MOST_PARTS: {
      const [architecture, variant] = normalizeArchitecture(second, third);
      return found({ ...base, architecture, variant: architecture === "arm64" && variant === "" ? "v8" : variant });
    }
    default:
      return invalid(`${quote(text)}: cannot parse platform specifier: invalid argument`);
  }
}

type OsParts = Pick<Platform, "os" | "osVersion" | "osFeatures">;

function oneWord(text: string, word: string, base: OsParts, host: Platform): ParsedPlatform {
  if (OS_NAMES.has(base.os)) return found({ ...base, architecture: host.architecture, variant: host.variant });
  const [architecture, variant] = normalizeArchitecture(word, "");
  if (!ARCHITECTURE_NAMES.has(architecture)) {
    return invalid(`${quote(text)}: unknown operating system or architecture: invalid argument`);
  }
  return found({
    ...base,
    os: host.os,
    architecture,
    variant: architecture === "arm" && variant === "v7" ? "" : variant,
  });
}

/** At most four parts are looked at; the last has all the rest, and is thereby invalid. */
function joinSurplus(parts: readonly string[]): string[] {
  return parts.length <= MOST_PARTS + 1
    ? [...parts]
    : [...parts.slice(0, MOST_PARTS), parts.slice(MOST_PARTS).join("/")];
}

function decodeOptions(version: string, features: string): Pick<Platform, "osVersion" | "osFeatures"> | string {
  const osVersion = decode(version);
  if (osVersion === undefined) return `an invalid OS version ${quote(version)}: ${escapeProblem(version)}`;
  const osFeatures: string[] = [];
  for (const raw of features === "" ? [] : features.slice(1).split("+")) {
    const feature = decode(raw);
    if (feature === undefined) return `invalid OS features: invalid os feature ${quote(raw)}: ${escapeProblem(raw)}`;
    if (feature !== "") osFeatures.push(feature);
  }
  return { osVersion, osFeatures };
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not an escape; reported by the caller.
    return undefined;
  }
}

function escapeProblem(value: string): string {
  const bad = /%(?![0-9A-Fa-f]{2})/.exec(value);
  return `invalid URL escape ${quote(bad === null ? value : value.slice(bad.index, bad.index + 3))}`;
}

function found(platform: Platform): ParsedPlatform {
  return { kind: "platform", platform };
}

function invalid(message: string): ParsedPlatform {
  return { kind: "invalid", message };
}
