import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  authService,
  connectAddress,
  credentialHelper,
  directoryTree,
  fileSendService,
  fileSyncService,
  loadDockerConfig,
  MAX_SECRET_BYTES,
  RpcClient,
  type RpcHandler,
  type SecretSource,
  type SolveResult,
  secretsService,
  solve,
  sshService,
  uploads,
} from "../../client/index.ts";
import {
  bindMount,
  definitionToProto,
  http,
  linux,
  local,
  marshal,
  mkfile,
  type RunOptions,
  type State,
  scratch,
  secretMount,
  sshMount,
} from "../../llb/index.ts";
import { testEngine } from "./engine.ts";
import { textOf } from "./file-tree.ts";
import { hostRootfs } from "./host-rootfs.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

let client: RpcClient;
let rootfs: string;
let root: string;
let steps = 0;
beforeAll(async () => {
  const { address } = await testEngine();
  client = new RpcClient({ connect: connectAddress(address) });
  rootfs = mkdtempSync(join(tmpdir(), "rootfs-"));
  await hostRootfs(rootfs, ["sh", "cat", "ssh-add"]);
});
afterAll(async () => {
  await client.close();
  rmSync(rootfs, { recursive: true, force: true });
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "services-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Builds a state and exports it to `root/out`. */
function build(state: State, services: readonly RpcHandler[]): Promise<SolveResult> {
  return solve(client, {
    work: { kind: "definition", definition: definitionToProto(marshal(state.output)) },
    sharedKey: "session-services",
    exporters: [{ Type: "local", Attrs: {} }],
    services: [
      ...services,
      ...fileSyncService(new Map([["rootfs", directoryTree(rootfs)]])),
      ...fileSendService(new Map([[0, { kind: "directory", path: join(root, "out"), deleteExtraneous: false }]])),
    ],
  });
}

/** A shell command in a container, which is never cached, and what it leaves in /out. */
function shell(command: string, options: RunOptions): State {
  const base = local("rootfs", { sharedKeyHint: "rootfs" }).file([
    mkfile(`/step-${root.slice(-6)}-${steps++}`, 0o600, ""),
  ]);
  const run = base.env("PATH", "/bin").run(["sh", "-c", command], {
    ...options,
    platform: linux(process.arch === "arm64" ? "arm64" : "amd64"),
    mounts: [...(options.mounts ?? []), bindMount("/out", scratch(), { writable: true })],
  });
  return run.mount("/out");
}

function messageOf(result: SolveResult): string {
  return result.kind === "failed" ? result.failure.message : result.kind;
}

describe("a secret", () => {
  const reads = (optional: boolean) =>
    shell("cat /run/secrets/token > /out/seen; [ -e /run/secrets/token ] && echo there > /out/there || true", {
      mounts: [secretMount("/run/secrets/token", "token", { optional })],
    });
  const build1 = (state: State, sources: Readonly<Record<string, SecretSource>>) =>
    build(state, secretsService(new Map(Object.entries(sources))));

  test("of a file or a value reaches the step that mounts it", async () => {
    const path = join(root, "secret");
    const bytes = Buffer.from([0, 255, 10, 13, 0x68, 0x69]);
    writeFileSync(path, bytes);
    for (const source of [
      { kind: "file", path },
      { kind: "value", value: bytes },
    ] as const) {
      expect(messageOf(await build1(reads(false), { token: source }))).toBe("done");
      expect(Buffer.from(textOf(root, "out/seen"), "utf8")).toEqual(Buffer.from(bytes.toString("utf8")));
    }
  });

  test("that nobody gave fails a step that needs it, in BuildKit's words", async () => {
    expect(messageOf(await build1(reads(false), {}))).toContain("secret token: not found");
  });

  test("that nobody gave is left out where it is optional", async () => {
    expect(messageOf(await build1(reads(true), {}))).toBe("done");
    expect(textOf(root, "out/seen")).toBe("");
  });

  test("of a file that is gone is named", async () => {
    const result = await build1(reads(false), { token: { kind: "file", path: join(root, "gone") } });
    expect(messageOf(result)).toContain('the secret "token" can\'t be read: ENOENT');
  });

  test("is limited in size", async () => {
    const result = await build1(reads(false), { token: { kind: "value", value: Buffer.alloc(MAX_SECRET_BYTES + 1) } });
    expect(messageOf(result)).toContain("at most 512000 are allowed");
  });
});

describe("an ssh agent", () => {
  let agent: { readonly socket: string; readonly pid: string };
  let key: string;
  let fingerprint: string;
  beforeEach(() => {
    key = join(root, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test key", "-f", key]);
    fingerprint = execFileSync("ssh-keygen", ["-lf", key], { encoding: "utf8" }).split(" ")[1]!;
    const socket = join(root, "agent");
    const started = execFileSync("ssh-agent", ["-a", socket], { encoding: "utf8" });
    agent = { socket, pid: /SSH_AGENT_PID=(\d+)/.exec(started)![1]! };
    execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  });
  afterEach(() => process.kill(Number(agent.pid)));

  async function inContainer(command: string, paths: readonly string[], raw = false): Promise<string> {
    const service = await sshService([{ id: "default", paths, raw }], { PATH: process.env["PATH"] });
    try {
      // ssh-add looks up the name of its user.
      const step = shell(
        `mkdir -p /etc && echo root:x:0:0::/:/bin/sh > /etc/passwd; { ${command}; } > /out/log 2>&1; true`,
        {
          mounts: [sshMount("/agent")],
        },
      );
      expect(messageOf(await build(step, service.handlers))).toBe("done");
      return textOf(root, "out/log");
    } finally {
      await service.close();
    }
  }

  test("shows its keys to a step, but can't be changed by it", async () => {
    const log = await inContainer("ssh-add -l; ssh-add -D; ssh-add -x < /dev/null; ssh-add -l", [agent.socket]);
    expect(log.split(fingerprint)).toHaveLength(3);
    expect(log).toContain("Failed to remove all identities");
  });

  test("of key files is one of our own", async () => {
    expect(await inContainer("ssh-add -l", [key])).toContain(fingerprint);
  });

  test("can be passed through raw", async () => {
    expect(await inContainer("ssh-add -D; ssh-add -l", [agent.socket], true)).toContain("The agent has no identities");
  });

  test("that was not given fails the step, in BuildKit's words", async () => {
    const step = shell("true", { mounts: [sshMount("/agent", { id: "other" })] });
    const service = await sshService([], {});
    expect(messageOf(await build(step, service.handlers))).toContain("unset ssh forward key other");
  });

  test("is refused before the build where it can't work", async () => {
    await expect(sshService([{ id: "a", paths: ["/no/such"], raw: false }], {})).rejects.toMatchObject({
      code: "bad-option",
    });
    writeFileSync(join(root, "no-key"), "nonsense");
    chmodSync(join(root, "no-key"), 0o600);
    const bad = sshService([{ id: "a", paths: [join(root, "no-key")], raw: false }], { PATH: process.env["PATH"] });
    await expect(bad).rejects.toMatchObject({ code: "ssh-agent-failed", message: expect.stringContaining("no-key") });
  });
});

test("an upload is a file that the build fetches by HTTP", async () => {
  const offered = uploads();
  async function* content() {
    yield Buffer.from("streamed ");
    yield Buffer.alloc(5_000_000, "x");
  }
  const url = offered.add(content());
  expect(messageOf(await build(http(url, { filename: "context" }), offered.handlers))).toBe("done");
  expect(textOf(root, "out/context")).toHaveLength(5_000_009);
});

const missing = await registryMissing();
if (missing !== undefined) process.stderr.write(`logging in to a registry is not tested: ${missing}\n`);
describe.skipIf(missing !== undefined)("a registry that wants a login", () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    // htpasswd -nbB ali "open sesame"
    registry = await startRegistry({ htpasswd: "ali:$2a$05$xECq98Re88kZ0/nYbFVPK.Z3jhN8OOWIhLwNTP7x6MJoVjJk9Ar4q" });
  });
  afterAll(() => registry.close());

  async function push(config: unknown, clientTokens = true) {
    mkdirSync(join(root, "docker"), { recursive: true });
    writeFileSync(join(root, "docker/config.json"), JSON.stringify(config));
    const warnings: string[] = [];
    const result = await solve(client, {
      work: {
        kind: "definition",
        definition: definitionToProto(marshal(scratch().file([mkfile("/f", 0o644, root)]).output)),
      },
      exporters: [{ Type: "image", Attrs: { name: `${registry.host}/app:1`, push: "true" } }],
      services: authService({
        config: await loadDockerConfig({ directory: join(root, "docker") }),
        helper: credentialHelper({ PATH: `${root}:/usr/bin:/bin` }),
        clientTokens,
        now: Date.now,
        onWarning: (error) => warnings.push(error.message),
      }),
    });
    return { message: messageOf(result), warnings };
  }

  test.each([true, false])("gets the one of the configuration file (tokens fetched here: %s)", async (clientTokens) => {
    const auth = Buffer.from("ali:open sesame").toString("base64");
    expect(await push({ auths: { [registry.host]: { auth } } }, clientTokens)).toEqual({
      message: "done",
      warnings: [],
    });
  });

  test("gets the one of a credential helper", async () => {
    const helper = join(root, "docker-credential-cave");
    writeFileSync(helper, `#!/bin/sh\necho '{"Username":"ali","Secret":"open sesame"}'\n`);
    chmodSync(helper, 0o755);
    expect(await push({ credsStore: "cave" })).toEqual({ message: "done", warnings: [] });
  });

  test("refuses whoever has none or a wrong one", async () => {
    expect((await push({})).message).toContain("401 Unauthorized");
    const auth = Buffer.from("ali:open barley").toString("base64");
    expect((await push({ auths: { [registry.host]: { auth } } })).message).toContain("401 Unauthorized");
  });

  test("is told of a helper that is missing, and tried without", async () => {
    const { message, warnings } = await push({ credsStore: "nowhere" });
    expect(message).toContain("401 Unauthorized");
    expect(warnings[0]).toContain("docker-credential-nowhere failed: it is not on the PATH");
  });
});
