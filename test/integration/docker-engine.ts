// A real dockerd of a test's own, on a socket and with images, networks and a mount namespace of its own, and the docker
// command with Compose and buildx for it. It takes no part in the machine's firewall (`--iptables=false`), so containers
// reach each other and are reached through published ports, but don't reach other machines.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa, type Options } from "execa";
import { provideDebianBase } from "../../client/base-image/index.ts";
import { goArch } from "../../client/engine/host.ts";
import { type DockerPrograms, dockerRoot } from "./docker-root.ts";
import { say, testHost } from "./engine.ts";

export interface TestDockerOptions {
  /** Where images are kept: in Docker's own way, which is the default, or by containerd, as new installations have it. */
  readonly store?: "classic" | "containerd";
  /** Such as `http://127.0.0.1:5000`, asked in Docker Hub's place. */
  readonly mirror?: string;
  /** How many of this machine's it has. Default: all. */
  readonly processors?: number;
}

export interface TestDocker extends AsyncDisposable {
  /** `unix://…`, as DOCKER_HOST has it. */
  readonly host: string;
  /** DOCKER_HOST, DOCKER_CONFIG (with the plugins) and PATH: with them, `docker` and `docker compose` are those of this engine. */
  readonly env: { readonly DOCKER_HOST: string; readonly DOCKER_CONFIG: string; readonly PATH: string };
  /** Runs `docker ARGS` and returns its output; throws with what it says where it fails. */
  docker(args: readonly string[], options?: Options): Promise<string>;
  /** Loads `busybox:latest`: one static program. */
  loadBusybox(): Promise<void>;
  /** Loads a Debian made of packages under the name of Docker Hub's: `debian:trixie-slim`. */
  loadDebian(): Promise<void>;
  /** Loads one with further packages, under a name of its own. */
  loadDebianWith(packages: readonly string[], name: string): Promise<void>;
}

const READY_DEADLINE_MS = 60_000;
const POLL_MS = 25;

/** Why `startDocker` would fail here; undefined where it would not. Provides the programs. Tests that need it skip themselves, aloud. */
export async function dockerMissing(): Promise<string | undefined> {
  const provision = await dockerRoot();
  if (provision.kind === "there") return undefined;
  say({ kind: "setup", text: `tests that need Docker are skipped: ${provision.reason}` });
  return provision.reason;
}

export async function startDocker(options: TestDockerOptions = {}): Promise<TestDocker> {
  const provision = await dockerRoot();
  if (provision.kind === "missing") throw new Error(provision.reason);
  const { programs } = provision;
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-docker-"));
  const daemon = await startDaemon(programs, directory, options);
  const host = `unix://${join(directory, "docker.sock")}`;
  const config = join(directory, "config");
  await mkdir(config);
  await symlink(programs.cliPlugins, join(config, "cli-plugins"));
  const env = { DOCKER_HOST: host, DOCKER_CONFIG: config, PATH: `${programs.binDir}:${process.env["PATH"] ?? ""}` };
  const docker = async (args: readonly string[], more: Options = {}): Promise<string> => {
    const { stdout } = await execa(join(programs.binDir, "docker"), args, { env, stdin: "ignore", ...more });
    return String(stdout ?? "");
  };
  return {
    host,
    env,
    docker,
    loadBusybox: () => loadBusybox(programs, docker),
    loadDebian: () => loadDebian(docker, ["ca-certificates"], "debian:trixie-slim"),
    loadDebianWith: (packages, name) => loadDebian(docker, packages, name),
    [Symbol.asyncDispose]: daemon.stop,
  };
}

/**
 * Starts the daemon ("$@") between a bridge of its own and the removal of everything that it leaves. It ends, and all its
 * containers with it, when our end of its standard input does, however our own process ends.
 */
const SUPERVISOR = `
directory=$1 bridge=$2 address=$3 busybox=$4
shift 4
"$busybox" ip link add "$bridge" type bridge && "$busybox" ip addr add "$address" dev "$bridge" && "$busybox" ip link set "$bridge" up || exit
exec 3<&0
"$@" &
daemon=$!
(
  cat <&3 >/dev/null
  docker ps --all --quiet | xargs -r docker rm --force --volumes
  docker network prune --force
  kill "$daemon"
) >/dev/null 2>&1 &
wait "$daemon"
"$busybox" ip link del "$bridge"
rm -rf "$directory/data" "$directory/exec"
`;

interface Daemon {
  readonly stop: () => Promise<void>;
}

async function startDaemon(
  programs: DockerPrograms,
  directory: string,
  { store, mirror, processors }: TestDockerOptions,
): Promise<Daemon> {
  const { binDir, runcDir, busybox } = programs;
  const [bridge, network] = await freeNetwork();
  const socket = join(directory, "docker.sock");
  const settings = {
    "data-root": join(directory, "data"),
    "exec-root": join(directory, "exec"),
    pidfile: join(directory, "docker.pid"),
    hosts: [`unix://${socket}`],
    iptables: false,
    ip6tables: false,
    bridge,
    "default-address-pools": [{ base: `${network}.0/20`, size: 24 }],
    "userland-proxy-path": join(binDir, "docker-proxy"),
    "init-path": join(binDir, "docker-init"),
    features: { "containerd-snapshotter": store === "containerd" },
    ...(mirror === undefined ? {} : { "registry-mirrors": [mirror] }),
  };
  const config = join(directory, "daemon.json");
  await writeFile(config, JSON.stringify(settings));
  const logFile = join(directory, "dockerd.log");
  const log = await open(logFile, "a");
  const namespaces = ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const supervise = ["sh", "-c", SUPERVISOR, "sh", directory, bridge, `${network}.1/24`, busybox];
  const limited = processors === undefined ? [] : ["taskset", "--cpu-list", `0-${processors - 1}`];
  const daemon = [...limited, join(binDir, "dockerd"), "--config-file", config];
  const child = spawn("unshare", [...namespaces, ...supervise, ...daemon], {
    stdio: ["pipe", log.fd, log.fd],
    env: { ...process.env, PATH: `${binDir}:${runcDir}:${process.env["PATH"]}`, DOCKER_HOST: `unix://${socket}` },
  });
  await log.close();
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    child.stdin?.end();
    await ended;
    await rm(directory, { recursive: true, force: true });
  };
  if (await answers(child, `unix://${socket}`, join(binDir, "docker"))) return { stop };
  const said = await readFile(logFile, "utf8");
  await stop();
  throw new Error(`dockerd does not come up:\n${said.split("\n").slice(-15).join("\n")}`);
}

async function answers(child: ChildProcess, host: string, docker: string): Promise<boolean> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const { exitCode } = await execa(docker, ["--host", host, "version"], { reject: false });
    if (exitCode === 0) return true;
    await delay(POLL_MS);
  }
  return false;
}

/**
 * The name of a bridge and the first three numbers of a network of 16 times 256 addresses. From the range for benchmarks
 * of devices (RFC 2544), which no real network has; other runs on this machine may have their parts of it.
 */
async function freeNetwork(): Promise<readonly [bridge: string, network: string]> {
  // Columns: interface, destination and so on; numbers in the byte order of a little-endian machine.
  const routes = await readFile("/proc/net/route", "utf8");
  const used = new Set(
    routes
      .split("\n")
      .slice(1)
      .map((line) => Buffer.from(line.split("\t")[1] ?? "", "hex").reverse())
      .filter((address) => address[0] === 198 && (address[1] === 18 || address[1] === 19))
      .map((address) => ((address[1] ?? 0) - 18) * 16 + ((address[2] ?? 0) >> 4)),
  );
  const free = Array.from({ length: 32 }, (_, index) => index).filter((index) => !used.has(index));
  const index = free[Math.floor(Math.random() * free.length)] ?? 0;
  return [`mzdocker${index}`, `198.${18 + (index >> 4)}.${(index & 15) << 4}`];
}

type RunDocker = TestDocker["docker"];

async function loadBusybox({ busybox }: DockerPrograms, docker: RunDocker): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "mzbuild-busybox-"));
  try {
    const { stdout } = await execa(busybox, ["--list"]);
    await mkdir(join(directory, "bin"));
    await mkdir(join(directory, "tmp"), { mode: 0o1777 });
    await execa("cp", [busybox, join(directory, "bin/busybox")]);
    for (const name of stdout.split("\n")) {
      if (name !== "busybox") await symlink("busybox", join(directory, "bin", name));
    }
    await execa("tar", ["--create", "--file", "image.tar", "--owner=0", "--group=0", "bin", "tmp"], { cwd: directory });
    await docker(["import", "--change", 'CMD ["sh"]', join(directory, "image.tar"), "busybox:latest"]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function loadDebian(docker: RunDocker, packages: readonly string[], name: string): Promise<void> {
  const host = testHost();
  const platforms = [`linux/${goArch(host)}`];
  const { layoutDir, digest } = await provideDebianBase(host, { include: packages, platforms }, say);
  const blob = (name: string) => join(layoutDir, "blobs", name.replace(":", "/"));
  const index = JSON.parse(await readFile(blob(digest), "utf8"));
  const manifest = JSON.parse(await readFile(blob(index.manifests[0].digest), "utf8"));
  const path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const changes = ["--change", path, "--change", 'CMD ["bash"]'];
  await docker(["import", ...changes, blob(manifest.layers[0].digest), name]);
}
