/** Requests for a Dockerfile that speak of what is in it: its stages, arguments and images. */
import type { FuzzCase, FuzzRequest } from "./fuzz-case.ts";
import type { Random } from "./random.ts";

const mostVariations = 4;

/** The same Dockerfile, asked for otherwise. */
export function varyRequest(original: FuzzCase, random: Random): FuzzCase {
  let { request } = original;
  const names = namesIn(original.dockerfile);
  const count = random.below(mostVariations + 1);
  for (let index = 0; index < count; index++) request = random.pick(variations)(request, names, random);
  const ignoreFile = random.chance(0.15) ? { ignoreFile: ignoreText(random) } : {};
  return { ...original, ...ignoreFile, request };
}

interface Names {
  readonly stages: readonly string[];
  readonly args: readonly string[];
  readonly images: readonly string[];
}

function namesIn(text: string): Names {
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = ""]) => name);
  return {
    stages: ["0", "1", "nothing", ...found(/^\s*(?:MZ)?FROM\s.*\sAS\s+(\S+)/gim)],
    args: ["A", "VERSION", ...found(/^\s*ARG\s+([\w.-]+)/gim)],
    images: ["alpine", ...found(/^\s*FROM\s+(?:--\S+\s+)*([^\s$]+)/gim), ...found(/--from=([^\s$]+)/gim)],
  };
}

type Variation = (request: FuzzRequest, names: Names, random: Random) => FuzzRequest;

const variations: readonly Variation[] = [
  setOption((names, random) => ["target", random.pick(names.stages)]),
  setOption((names, random) => ["target", random.pick(names.stages)]),
  setOption((_, random) => ["platform", random.pick(platforms)]),
  setOption((_, random) => ["platform", random.pick(platforms)]),
  setOption((names, random) => [`build-arg:${random.pick(names.args)}`, random.pick(argValues)]),
  setOption((names, random) => [`build-arg:${random.pick(names.args)}`, random.pick(argValues)]),
  setOption((names, random) => [`build-arg:${random.pick(names.args)}`, random.pick(argValues)]),
  setOption((names, random) => [`context:${random.pick(names.images)}`, random.pick(contexts)]),
  setOption((names, random) => [`context:${random.pick(names.stages)}`, random.pick(contexts)]),
  setOption((names, random) => [`context:${random.pick(names.images)}::linux/amd64`, random.pick(contexts)]),
  setOption((names, random) => ["no-cache", random.pick(["", random.pick(names.stages)])]),
  setOption((_, random) => [`label:${random.pick(["a", "b.c", "maintainer"])}`, random.pick(argValues)]),
  setOption((_, random) => ["requestid", random.pick(["frontend.outline", "frontend.targets", "frontend.lint"])]),
  setOption((_, random) => random.pick(otherOptions)),
  setOption((_, random) => random.pick(otherOptions)),
  (request, _, random) => ({ ...request, worker: random.pick(workers) }),
  (request, _, random) => ({ ...request, noCaps: [random.pick(capabilities)] }),
  (request, names, random) => ({
    ...request,
    images: { ...(request["images"] ?? {}), [random.pick(names.images)]: random.pick(images) },
  }),
  (request, names, random) => ({
    ...request,
    images: { ...(request["images"] ?? {}), [random.pick(names.images)]: random.pick(images) },
  }),
];

function setOption(choose: (names: Names, random: Random) => readonly [string, string]): Variation {
  return (request, names, random) => {
    const [key, value] = choose(names, random);
    return { ...request, opts: { ...request.opts, [key]: value } };
  };
}

const platforms = [
  "linux/amd64",
  "linux/arm64",
  "linux/arm/v6",
  "linux/arm",
  "linux/386",
  "linux/ppc64le",
  "linux/s390x",
  "linux/riscv64",
  "linux/amd64/v2",
  "windows/amd64",
  "windows(10.0.17763)/amd64",
  "wasip1/wasm",
  "darwin/arm64",
  "linux/amd64,linux/arm64",
  "linux/amd64,linux/arm/v7,windows/amd64",
  "linux/arm64,linux/arm64/v8",
];

const argValues = ["", "1", "1.2.3", "a b", "$A", "/x/", "true", "linux/arm64", '"q"', "it's", "alpine:3.20", "ä"];

const contexts = [
  "docker-image://debian:12",
  "docker-image://scratch",
  "docker-image://alpine@sha256:c9ef5b1f0b442255774ae31a839ff48ce1206a606a97052db8b4a13ae153fb7c",
  "docker-image://Not Valid",
  "local:sources",
  "https://example.com/r.git#v1:d",
  "https://example.com/archive.tgz",
  "git://example.com/r",
  "oci-layout://store@sha256:c9ef5b1f0b442255774ae31a839ff48ce1206a606a97052db8b4a13ae153fb7c",
  "input:nothing",
  "unknown:x",
];

const otherOptions: readonly (readonly [string, string])[] = [
  ["build-arg:SOURCE_DATE_EPOCH", "1700000000"],
  ["build-arg:SOURCE_DATE_EPOCH", "context"],
  ["build-arg:BUILDKIT_CACHE_MOUNT_NS", "ns"],
  ["build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", "1"],
  ["build-arg:BUILDKIT_SANDBOX_HOSTNAME", "h"],
  ["build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=JSONArgsRecommended"],
  ["build-arg:BUILDKIT_DOCKERFILE_CHECK", "skip=all;error=true"],
  ["build-arg:BUILDKIT_DOCKERFILE_CHECK", "error=true;experimental=all"],
  ["build-arg:BUILDKIT_GIT_ADVICE", "1"],
  ["build-arg:BUILDKIT_MULTI_PLATFORM", "true"],
  ["build-arg:http_proxy", "http://proxy:3128"],
  ["build-arg:NO_PROXY", "localhost"],
  ["build-arg:TARGETPLATFORM", "linux/s390x"],
  ["build-arg:TARGETSTAGE", "t"],
  ["context", "https://example.com/r.git#main:sub"],
  ["context", "https://example.com/r.git?ref=v1"],
  ["contextsubdir", "sub"],
  ["force-network-mode", "host"],
  ["force-network-mode", "none"],
  ["image-resolve-mode", "local"],
  ["image-resolve-mode", "pull"],
  ["add-hosts", "h=1.2.3.4"],
  ["hostname", "builder"],
  ["shm-size", "67108864"],
  ["ulimit", "nofile=1024:4096,nproc=64"],
  ["cgroup-parent", "docker.slice"],
  ["memory", "1073741824"],
  ["attest:provenance", "mode=max"],
];

const workers = [
  ["linux/arm64"],
  ["linux/amd64", "linux/arm64", "linux/arm/v7"],
  ["linux/amd64", "linux/amd64/v2"],
  ["linux/arm/v7"],
  ["windows/amd64"],
];

const capabilities = [
  "mergeop",
  "exec.mount.bind.readwrite-nooutput",
  "exec.meta.removemountstubs.recursive",
  "exec.secretenv",
  "exec.validexitcode",
  "exec.meta.ulimit",
  "exec.meta.cgroup.parent",
  "source.metaresolver",
  "source.image.layerlimit",
  "source.http.checksum",
  "source.git.subdir",
  "source.git.checksum",
  "file.rm.wildcard",
  "file.copy.includeexcludepatterns",
  "file.copy.alwaysreplaceexistingdestpaths",
  "file.copy.modestring",
  "file.copy.requiredpaths",
  "platform",
  "constraints",
  "meta.ignorecache",
  "meta.description",
];

const rootfs = { type: "layers", diff_ids: [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`] };

/** Configs as real base images have them. */
const images: readonly unknown[] = [
  { error: "docker.io/library/x:latest: not found" },
  { digest: `sha256:${"3".repeat(64)}` },
  { config: { architecture: "amd64", os: "linux", config: {}, rootfs: { type: "layers" } } },
  { config: { architecture: "arm64", variant: "v8", os: "linux", config: { Env: ["PATH=/a", "A=1"] }, rootfs } },
  { config: { architecture: "amd64", os: "windows", "os.version": "10.0.20348.1", config: { Env: null }, rootfs } },
  {
    config: {
      architecture: "amd64",
      os: "linux",
      created: "2024-05-06T07:08:09.123456789Z",
      author: "someone",
      config: {
        User: "app",
        ExposedPorts: { "80/tcp": {}, "443/tcp": {} },
        Env: ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "VERSION=3.12.1", "A=$B", "EMPTY="],
        Entrypoint: ["/entrypoint.sh"],
        Cmd: ["serve", "--all"],
        Volumes: { "/data": {} },
        WorkingDir: "/srv/app",
        Labels: { maintainer: "someone <a@b.c>", "org.opencontainers.image.version": "1" },
        StopSignal: "SIGQUIT",
        Shell: ["/bin/bash", "-eo", "pipefail", "-c"],
        Healthcheck: { Test: ["CMD", "x"], Interval: 5000000000, Retries: 3 },
      },
      rootfs,
      history: [
        { created: "2024-05-06T07:08:09Z", created_by: "ADD rootfs.tar /", comment: "buildkit" },
        { created: "2024-05-06T07:08:10Z", created_by: "CMD", empty_layer: true },
      ],
    },
  },
  {
    config: {
      architecture: "amd64",
      os: "linux",
      config: {
        Env: ["PATH=/bin"],
        OnBuild: ["ARG A=trigger", "ENV B=$A", "COPY . /src", "RUN make ${A}", "WORKDIR /src/$B"],
        ArgsEscaped: true,
      },
      rootfs,
    },
  },
  {
    config: { architecture: "amd64", os: "linux", config: { OnBuild: ["RUN --mount=type=x y", "FROM z"] }, rootfs },
  },
];

const ignoreLines = [
  "*",
  "!src",
  "!/src/**",
  "**/*.md",
  "!README.md",
  "node_modules/",
  "# comment",
  "",
  " .git ",
  "Dockerfile*",
  "a/../b",
  "/",
  ".",
  "!",
  "[a-",
  "\\x",
  "temp?",
  "**",
  "dist/**/*.js",
];

function ignoreText(random: Random): string {
  const count = 1 + random.below(5);
  return Array.from({ length: count }, () => random.pick(ignoreLines)).join(random.pick(["\n", "\r\n"]));
}
