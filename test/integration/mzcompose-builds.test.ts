// Build sections of Compose files with all that they can say, on a real Docker whose images containerd keeps, and on another engine.
import { execFileSync, spawn } from "node:child_process";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { testEngine } from "./engine.ts";
import { describeOnDocker } from "./tour-on-docker.ts";

const COMPOSITION = `services:
  app:
    image: app-image
    build:
      context: app
      dockerfile: Dockerfile.app
      target: final
      args: {WHO: "\${WHO:-world}"}
      additional_contexts: {prices: "mzbuild://price-list", base: "service:base", lib: ./lib}
      cache_from: ["type=local,src=cache"]
      cache_to: ["type=local,dest=cache"]
      labels: {purpose: tests}
      secrets: [token]
      ssh: [default]
      network: none
      extra_hosts: ["prices.example:192.0.2.7"]
      shm_size: 96m
      ulimits: {nofile: {soft: 1000, hard: 2000}}
      tags: ["app-image:second"]
      no_cache: true
      pull: false
      platforms: [linux/amd64, linux/arm64]
    command: cat /out
  base:
    build: {context: app, dockerfile_inline: "FROM busybox\\nRUN echo base >/base\\n"}
    command: "true"
  host:
    build: {context: app, network: host, entitlements: [network.host], dockerfile_inline: "FROM busybox\\nRUN ls /sys/class/net >/net\\n"}
    command: cat /net
  files:
    profiles: [files]
    build:
      context: app
      platforms: [linux/amd64, linux/arm64]
      additional_contexts: {lib: ./lib}
      dockerfile_inline: "FROM scratch\\nARG TARGETARCH\\nCOPY --from=lib x /$\${TARGETARCH}\\n"
  privileged:
    profiles: [privileged]
    build: {context: app, privileged: true, dockerfile_inline: "# syntax=none\\nFROM busybox\\nRUN --security=insecure true\\n"}
secrets: {token: {environment: TOKEN}}
`;

const ELSEWHERE = `services:
  far:
    build: {context: ., additional_contexts: {prices: "mzbuild://price-list", box: "service:box"}}
    command: cat /p /box
  box:
    build: {context: ., additional_contexts: {prices: "mzbuild://price-list"}, dockerfile_inline: "FROM prices\\nRUN echo a box >/box\\n"}
    command: "true"
`;

const DOCKERFILE = `FROM base AS first
ARG WHO
RUN --mount=type=secret,id=token --mount=type=ssh,required=true ( \\
  echo "hello $WHO, $(cat /run/secrets/token)" && cat /base && grep -o 'prices.example' /etc/hosts && \\
  df -k /dev/shm | tail -1 | awk '{print $2}' && ulimit -n && test -S "$SSH_AUTH_SOCK" && ls /sys/class/net ) >/out
FROM base AS final
COPY --from=first /out /out
COPY --from=prices /usr/share/prices/standard.csv /
COPY --from=lib x /
FROM no-such-image
`;

describeOnDocker({ name: "build sections", store: "containerd" }, ({ docker, run, write, path, home }) => {
  beforeAll(() => {
    write("test/built/compose.yml", COMPOSITION);
    write("test/built/app/Dockerfile.app", DOCKERFILE);
    write("test/built/lib/x", "x");
  });

  test("are built with an image of the repository, one of another service, and all that they say", async () => {
    const socket = join(home(), "agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    try {
      const env = { TOKEN: "sesame", SSH_AUTH_SOCK: socket };
      const { exitCode, stdout, stderr } = await run("test/built", ["up", "--no-log-prefix"], { env });
      expect(exitCode, stderr).toBe(0);
      for (const line of ["hello world, sesame", "base", "prices.example", "98304", "1000", "lo"]) {
        expect(stdout.split("\n")).toContain(line);
      }
      // Of a build on the host's network; other tests' bridges come and go.
      const lasting = Object.keys(networkInterfaces()).filter((name) => !/^(?:br-|veth|mzdocker)/.test(name));
      expect(stdout.split("\n")).toEqual(expect.arrayContaining(lasting));
      const labels = [
        "image",
        "inspect",
        "app-image:second",
        "--format",
        "{{.Config.Labels.purpose}} {{.Architecture}}",
      ];
      const architecture = process.arch === "arm64" ? "arm64" : "amd64";
      expect(await docker(labels)).toBe(`tests ${architecture}`);
      execFileSync("test", ["-e", path("test/built/cache/index.json")]);
      const again = await run("test/built", ["up", "-d"], { env });
      expect(again.stderr).not.toContain("engine:");
      // One that is there is no hindrance to those that are not.
      await docker(["image", "rm", "--force", "app-image", "app-image:second"]);
      const missingOne = await run("test/built", ["up", "-d"], { env });
      expect(missingOne.exitCode, missingOne.stderr).toBe(0);
    } finally {
      agent.kill();
    }
  });

  test("make one image for several platforms by `build`", async () => {
    const { exitCode, stderr } = await run("test/built", ["--profile", "files", "build", "files"], {
      env: { TOKEN: "x" },
    });
    expect(exitCode, stderr).toBe(0);
    const listed = await docker(["image", "inspect", "built-files", "--format", "{{json .}}"]);
    const index = await docker(["image", "ls", "--tree", "built-files"]);
    expect(index, listed).toMatch(/linux\/amd64[\s\S]*linux\/arm64/);
  });

  test("that want privileges get what the engine allows, and nothing else", async () => {
    const { exitCode, stderr } = await run("test/built", ["--profile", "privileged", "build", "privileged"], {
      env: { TOKEN: "x" },
    });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("security.insecure")]);
  });

  test("get images that Docker has, on an engine that knows nothing of it", async () => {
    write("test/built/elsewhere/compose.yml", ELSEWHERE);
    write(
      "test/built/elsewhere/Dockerfile",
      "FROM box\nCOPY --from=prices /usr/share/prices/standard.csv /p\nRUN test -s /p\n",
    );
    const { address } = await testEngine();
    const { exitCode, stdout, stderr } = await run("test/built/elsewhere", [
      "--buildkit",
      address,
      "up",
      "--no-log-prefix",
    ]);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("compute,hour,120");
    expect(stdout).toContain("a box");
    write(
      "test/built/elsewhere/compose.yml",
      'services:\n  far:\n    build: {context: ., additional_contexts: {prices: "mzbuild://price-lst"}}\n',
    );
    const unknown = await run("test/built/elsewhere", ["up", "-d"]);
    expect(unknown.stderr).toMatch(/unknown image price-lst\n.*context prices; did you mean "price-list"\?/);
  });
});
