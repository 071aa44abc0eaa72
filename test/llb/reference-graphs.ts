import {
  bindMount,
  build,
  cacheMount,
  copy,
  diff,
  git,
  http,
  image,
  imageBlob,
  linux,
  local,
  merge,
  mkdir,
  mkfile,
  newVertex,
  ociLayout,
  ociLayoutBlob,
  rm,
  State,
  scratch,
  secretMount,
  sshMount,
  symlink,
  tmpfsMount,
} from "../../llb/index.ts";

const amd64 = { platform: linux("amd64") };
const blob = "docker.io/library/x@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const timestamp = 1_700_000_000_000_000_005n;

const base = image("alpine", amd64);
const a = scratch().file([mkfile("/a", 0o644, "a")]);
const b = scratch().file([mkfile("/b", 0o644, "b")]);

function passthrough(): State {
  const inputs = [a, b].flatMap((state) => state.output ?? []);
  return new State({
    vertex: newVertex({ kind: "passthrough", id: "id", inputs, outputs: [1] }, undefined, {}),
    index: 0,
  });
}

/** The graphs of testdata/llb/reference.go.txt, by the same names. */
export const referenceGraphs: Readonly<Record<string, () => State>> = {
  image: () => base,
  "image-arm": () => image("alpine", { platform: linux("arm", "v7") }),
  "image-pull": () => image("ghcr.io/a/b:1", { ...amd64, resolveMode: "pull" }),
  "image-internal": () => image("alpine", { ...amd64, internal: true }),
  local: () =>
    local("context", {
      sessionId: "s",
      includePatterns: ["a", "b<c>"],
      excludePatterns: ["*.o"],
      followPaths: ["l"],
      sharedKeyHint: "h",
    }),
  git: () => git("https://github.com/moby/buildkit.git", { ref: "v0.33.0", subdir: "docs", keepGitDir: true }),
  "git-plain": () => git("github.com/moby/buildkit"),
  http: () =>
    http("https://example.com/a.tgz?x=1", { filename: "a.tgz", mode: 0o755, uid: 1, gid: 2, checksum: empty }),
  "oci-layout": () => ociLayout(blob, { ...amd64, sessionId: "s", storeId: "store", layerLimit: 3 }),
  "image-blob": () => imageBlob(blob, { filename: "f", mode: 0o600 }),
  "oci-layout-blob": () => ociLayoutBlob(blob, { sessionId: "s", storeId: "store" }),
  run: () =>
    base.env("A", "1").env("B", "2").env("A", "3").dir("/src").dir("sub").user("me").hostname("h").run(["make", "all"])
      .root,
  "run-mounts": () =>
    base.run(["x"], {
      mounts: [
        bindMount("/z", local("context", { sessionId: "s" }), { selector: "sub" }),
        cacheMount("/c", "id", { sharing: "locked" }),
        cacheMount("/p", "id2", { sharing: "private" }),
        tmpfsMount("/t", { sizeBytes: 2 ** 33 }),
        tmpfsMount("/t0"),
        bindMount("/n", base, { writable: true, output: false }),
        secretMount("/run/secrets/k", "k", { uid: 1, gid: 2, mode: 0o440, optional: true }),
        sshMount("/agent.sock", { id: "default" }),
      ],
      secretEnv: [{ id: "tok", name: "TOKEN", optional: false }],
      network: "none",
      security: "insecure",
      validExitCodes: [0, 7, 300],
      proxyEnv: { httpProxy: "p", httpsProxy: "", ftpProxy: "", noProxy: "n", allProxy: "" },
    }).root,
  "run-mount-output": () =>
    base
      .run(["x"], {
        mounts: [bindMount("/a", base, { writable: true }), bindMount("/out", scratch(), { writable: true })],
      })
      .mount("/out"),
  "run-readonly-root": () =>
    base.run(["x"], { readonlyRoot: true, mounts: [bindMount("/out", scratch(), { writable: true })] }).mount("/out"),
  "run-devices": () =>
    base
      .with({
        ulimits: [{ name: "nofile", soft: 10, hard: 20 }],
        extraHosts: [{ host: "h", ip: "1.2.3.4" }],
        cgroupParent: "cg",
      })
      .run(["x"], { devices: [{ name: "vendor.com/gpu=1", optional: true }] }).root,
  file: () => {
    const busybox = image("busybox", amd64);
    const name = (text: string) => ({ kind: "name", name: text }) as const;
    const id = (number: number) => ({ kind: "id", id: number }) as const;
    return base.dir("/w").file([
      mkdir("d", 0o755, { parents: true, timestamp }),
      mkfile("d/f", 0o644, "héllo", { owner: { user: id(0), group: id(0) } }),
      symlink("f", "/w/d/l"),
      copy(busybox, "bin/sh", "bin/", {
        followSymlink: true,
        createDestPath: true,
        mode: { kind: "bits", bits: 0o700 },
        owner: { user: name("u"), group: name("g") },
      }),
      copy(busybox, "/x/*", "/y", {
        allowWildcard: true,
        allowEmptyWildcard: true,
        dirCopyContents: true,
        attemptUnpack: true,
        includePatterns: ["i"],
        excludePatterns: ["e"],
        requiredPaths: ["r"],
        alwaysReplaceExistingDestPaths: true,
        mode: { kind: "symbolic", text: "u+x" },
      }),
      rm("/w/old*", { allowNotFound: true, allowWildcard: true }),
    ]);
  },
  "file-scratch": () => scratch().file([mkfile("/f", 0o600, "", { timestamp })]),
  "copy-from-scratch": () => base.file([copy(scratch(), "/", "/.")]),
  merge: () => merge([a, scratch(), b, a]),
  "merge-single": () => merge([scratch(), b]),
  diff: () => diff(base, base.file([mkdir("/d", 0o700)])),
  "diff-to-scratch": () => diff(base, scratch()),
  "diff-from-scratch": () => diff(scratch(), b),
  build: () => build(a, { ...amd64, filename: "def.pb" }),
  passthrough,
};
