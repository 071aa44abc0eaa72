// mzcompose as a user has it, on a real Docker with a real Compose: compositions in TypeScript and in Compose files.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeOnDocker } from "./tour-on-docker.ts";

describeOnDocker({ name: "mzcompose on Docker" }, ({ docker, run, succeed, start, write, path, home, engine }) => {
  const running = (project: string) =>
    docker(["ps", "--filter", `label=com.docker.compose.project=${project}`, "--format", "{{.Names}}"]);

  describe("a composition in TypeScript", () => {
    test("is listed and described", async () => {
      expect(await succeed("", "list-compositions")).toContain(
        "test/billing\n  Bills under load: the program of this repository, and what it counts.\n",
      );
      expect(await succeed("test/billing", "list-workflows")).toBe("default\nshow-prices\n");
      expect(await succeed("", "--find", "billing", "describe")).toMatch(
        /^Description:\nBills [\s\S]*\nServices:\n {4}billing\n {4}prices\n\nWorkflows:\n {4}default {8}Writes bills/,
      );
    });

    test("comes up with its images built, goes on with no work, and goes down without a trace", async () => {
      const { exitCode, stderr } = await run("test/billing", ["up", "-d", "--wait", "prices"]);
      expect(exitCode, stderr).toBe(0);
      expect(stderr).toContain("price-list");
      // Only what is started: building the program takes a compiler.
      expect(stderr).not.toContain("billing-demo");
      expect(await running("billing")).toBe("billing-prices-1");
      const again = await run("test/billing", ["up", "-d", "prices"]);
      expect(again.stderr).not.toContain("engine:");
      const row = /^billing-prices-1 +price-list:mzbuild-[A-Z2-7]{32} /m;
      expect(await succeed("", "--find", "billing", "ps")).toMatch(row);
      expect(await succeed("test/billing", "exec", "-T", "prices", "cat", "/usr/share/prices/standard.csv")).toBe(
        readFileSync(path("misc/prices/standard.csv"), "utf8"),
      );
      await succeed("test/billing", "down");
      expect(await docker(["ps", "--all", "--quiet"])).toBe("");
    });

    test("runs workflows with arguments, and writes a report", async () => {
      expect(await succeed("test/billing", "run", "show-prices", "compute")).toBe("compute,hour,120\n");
      const report = readFileSync(path("junit_mzcompose_billing_show-prices.xml"), "utf8");
      expect(report).toMatch(/<testsuites tests="1" failures="0" errors="0"/);
      expect(report).toContain('name="workflow-show-prices"');
    });
  });

  test("workflows do all that they can with their composition", async () => {
    write("test/able/mzcompose.ts", ABLE);
    const { exitCode, stdout, stderr } = await run("test/able", ["run", "everything", "x", "-y"]);
    expect(exitCode, stderr).toBe(1);
    expect(stdout.split("\n")).toEqual([
      "arguments x -y",
      "exec from web",
      "port answers: hello",
      "logs: started",
      "after kill: true",
      "overridden: other",
      "as before: web",
      "refused: running docker compose failed (exit status 3)",
      "unknown: an override names service webb, which the composition doesn't have",
      "nested workflow z",
      "",
    ]);
    expect(stderr).toContain("test case fails failed: on purpose");
    expect(stderr).toContain("error: test cases failed: fails");
    const report = readFileSync(path("junit_mzcompose_able_everything.xml"), "utf8");
    expect(report).toContain('<testsuites tests="3" failures="2" errors="0"');
    expect(report).toContain('<failure message="on purpose">');
    expect(await running("able")).toBe("");
  });

  describe("Compose files", () => {
    test("have images of the repository, profiles, variables and extends", async () => {
      const config = await succeed("test/prices", "--profile", "watch", "config");
      expect(config).toMatch(/image: price-list:mzbuild-[A-Z2-7]{32}/);
      expect(config).toContain("/usr/share/prices/standard.csv");
      await succeed("test/prices", "up", "-d");
      expect(await succeed("test/prices", "ps", "--services")).toBe("prices\n");
      await succeed("test/prices", "down");
    });

    test("have workflows of commands, scripts and test cases, which end as they should", async () => {
      expect(await succeed("test/prices", "list-workflows")).toBe("default\n");
      expect(await succeed("test/prices", "describe")).toContain("    default    Looks whether a price is there");
      expect(await succeed("test/prices", "run", "default", "storage")).toMatch(/^storage,/);
      write("test/steps/compose.yml", STEPS);
      const { exitCode, stdout, stderr } = await run("test/steps", ["run", "everything", "one", "two words"], {
        env: { WHO: "me" },
      });
      expect(exitCode, stderr).toBe(1);
      expect(stdout.split("\n")).toEqual(["script: one, two words, me, web", "other: two words one two words", ""]);
      expect(stderr).toContain("test case fails failed: running docker compose failed (exit status 1)");
      expect(stderr).toContain("error: a script failed (exit status 3): exit 3\n");
      expect(stderr).not.toContain("never");
      expect(await running("steps")).toBe("");
      const report = readFileSync(path("junit_mzcompose_steps_everything.xml"), "utf8");
      expect(report).toContain('<testsuites tests="3" failures="2" errors="0"');
      const wrong = await run("test/steps", ["run", "wrong"]);
      expect(wrong.stderr).toMatch(/a step is no command of mzcompose: exce web true\n.*did you mean "exec"\?/);
    });

    test("may be several, include others, and be mixed with what Compose builds and pulls by itself", async () => {
      write(
        "test/mixed/compose.yml",
        "include: [more/stack.yml]\nservices:\n  a: {mzbuild: price-list, command: sleep 1000, init: true}\n",
      );
      write(
        "test/mixed/more/stack.yml",
        "services:\n  b: {mzbuild: price-list, command: sleep 1000, init: true, volumes: ['./data:/data']}\n  c: {image: busybox, command: sleep 1000, init: true}\n",
      );
      write("test/mixed/more/data/x", "shared\n");
      write("test/mixed/over.yml", "services:\n  c: {environment: {A: b}}\n");
      const files = ["-f", "compose.yml", "-f", "over.yml"];
      await succeed("test/mixed", ...files, "up", "-d");
      expect(await succeed("test/mixed", ...files, "ps", "--services")).toBe("a\nb\nc\n");
      expect(await succeed("test/mixed", ...files, "exec", "-T", "b", "cat", "/data/x")).toBe("shared\n");
      expect(await succeed("test/mixed", ...files, "exec", "-T", "c", "sh", "-c", 'echo "$A"')).toBe("b\n");
      await succeed("test/mixed", ...files, "down");
      expect(await running("mixed")).toBe("");
    });
  });

  test("build sections are built by the same engine, with all that they say, when their images are not there", async () => {
    const never = crypto.randomUUID();
    write(
      "test/built/compose.yml",
      `services:
  base:
    build: {context: web, dockerfile_inline: "FROM busybox\\nRUN echo inline ${never} >/inline\\n"}
    command: "true"
  web:
    build:
      context: web
      dockerfile: Dockerfile.web
      target: final
      args: {WHO: "\${WHO:-world}"}
      additional_contexts: {basis: "service:base", more: ./extra}
      secrets: [token]
      labels: {purpose: tests}
    command: cat /out
secrets: {token: {environment: TOKEN}}
`,
    );
    write(
      "test/built/web/Dockerfile.web",
      `FROM basis AS first
ARG WHO
RUN --mount=type=secret,id=token echo "hello $WHO, $(cat /run/secrets/token), $(cat /inline)" >/out
FROM busybox AS final
COPY --from=first /out /out
COPY --from=more x /x
FROM no-such-image
`,
    );
    write("test/built/extra/x", "x");
    const up = (...args: readonly string[]) => run("test/built", ["up", ...args], { env: { TOKEN: "sesame" } });
    const first = await up();
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stdout).toContain(`hello world, sesame, inline ${never}`);
    expect(await docker(["inspect", "built-web", "--format", "{{.Config.Labels.purpose}}"])).toBe("tests");
    expect((await up("-d")).stderr).not.toContain("engine:");
    expect((await up("-d", "--build")).stderr).toContain("engine:");
    await succeed("test/built", "down");
    write("test/built/web/Dockerfile.web", "FROM busybox AS final\nCOPYY x /\n");
    const wrong = await run("test/built", ["build", "web"], { env: { TOKEN: "x" } });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toMatch(/unknown instruction: COPYY[\s\S]*Dockerfile.web:2/);
  });

  test("twenty services come up at once", async () => {
    const services = Array.from(
      { length: 20 },
      (_, index) => `Service("s${index}", { mzbuild: "price-list", command: ["sleep", "infinity"], init: true })`,
    );
    write(
      "test/twenty/mzcompose.ts",
      `import { Service } from "mzbuild/compose";\nexport const services = [${services.join(",\n")}];\n`,
    );
    await succeed("test/twenty", "up", "-d");
    expect((await running("twenty")).split("\n")).toHaveLength(20);
    await succeed("test/twenty", "down");
  });

  describe("what goes wrong is told", () => {
    test("of a service that doesn't get healthy, with its last lines", async () => {
      write(
        "test/ill/mzcompose.ts",
        `import { Service } from "mzbuild/compose";
export const services = [
  Service("ill", { image: "busybox", init: true, command: ["sh", "-c", "echo cannot find my socks; sleep 1000"],
    healthcheck: { test: "exit 1", interval: "0.2s", retries: 1 } }),
];
`,
      );
      const { exitCode, stderr } = await run("test/ill", ["up", "-d", "--wait"]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("service ill is unhealthy; its last lines:\n  | cannot find my socks\n");
      expect(stderr).toContain("error: running docker compose failed (exit status 1)");
      await succeed("test/ill", "down");
    });

    test("of a port that another program has", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      write(
        "test/port/mzcompose.ts",
        `import { Service } from "mzbuild/compose";
export const services = [
  Service("web", { image: "busybox", command: "sleep 1000", init: true, ports: ["${port}:80"], allow_host_ports: true }),
];
`,
      );
      const { exitCode, stderr } = await run("test/port", ["up", "-d"]);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain(`port ${port}, which service web wants, is that of another program`);
      server.close();
      await succeed("test/port", "down");
    });

    test.each([
      [
        "an unknown image",
        'Service("web", { mzbuild: "price-lst" })',
        ["up", "-d"],
        /unknown image price-lst\n.*service web runs it; did you mean "price-list"\?/,
      ],
      [
        "an unknown service",
        'Service("web", { image: "busybox" })',
        ["up", "-d", "wbe"],
        /no such service: wbe\n.*did you mean "web"\?/,
      ],
      [
        "a port of the host",
        'Service("web", { image: "busybox", ports: ["80:80"] })',
        ["ps"],
        /service "web" publishes "80:80"/,
      ],
      [
        "a service that is there twice",
        'Service("web", {}), Service("web", {})',
        ["ps"],
        /test\/wrong\/mzcompose.ts: service "web" exists twice/,
      ],
      [
        "a file that throws",
        '(() => { throw new Error("oh no"); })()',
        ["ps"],
        /test\/wrong\/mzcompose.ts fails to load: Error: oh no\n[\s\S]*mzcompose.ts:2:/,
      ],
      ["a file that is no TypeScript", "Service(", ["ps"], /mzcompose.ts:2:\d+/],
      ["options before a workflow", "", ["run", "-d", "nothing"], /no such service or workflow: nothing/],
    ])("of %s", async (_, services, args, message) => {
      write(
        "test/wrong/mzcompose.ts",
        `import { Service } from "mzbuild/compose";\nexport const services = [${services}];\n`,
      );
      const { exitCode, stderr } = await run("test/wrong", args);
      expect(exitCode).toBeGreaterThan(0);
      expect(stderr).toMatch(message);
    });

    test("of Docker that is not there, not running, or too old", async () => {
      const ps = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
        run("test/billing", [...args, "up", "-d", "prices"], { env });
      const node = dirname(process.execPath);
      const none = await ps({ PATH: `${node}:/usr/bin:/bin` });
      if (!existsSync("/usr/bin/docker"))
        expect(none.stderr).toMatch(/there is no docker command\n.*https:\/\/docs.docker.com/);
      const down = await ps({ DOCKER_HOST: "unix:///nowhere.sock" });
      expect(down.stderr).toMatch(/Docker does not answer at unix:\/\/\/nowhere.sock/);
      const old = join(home(), "old");
      mkdirSync(old, { recursive: true });
      writeFileSync(
        join(old, "docker"),
        '#!/bin/sh\n[ "$1" = compose ] && echo 2.9.0 || echo Docker version 20.10.24\n',
        { mode: 0o755 },
      );
      const tooOld = await ps({ PATH: `${old}:${engine().env.PATH}` });
      expect(tooOld.stderr).toContain("Docker 20.10.24 is too old: 24.0.5 is needed");
      expect([none.exitCode, down.exitCode, tooOld.exitCode]).toEqual([1, 1, 1]);
    });
  });

  test("Ctrl-C ends a build and leaves nothing, and ends what is up in front", async () => {
    write("misc/images/slow/mzbuild.yml", "name: slow\n");
    write("misc/images/slow/Dockerfile", `MZFROM ubuntu-base\nRUN echo begun; sleep 600; echo ${Date.now()}\n`);
    write(
      "test/slow/mzcompose.ts",
      `import { Service } from "mzbuild/compose";
export const services = [
  Service("slow", { mzbuild: "slow" }),
  Service("quick", { image: "busybox", command: ["sh", "-c", "echo ready; sleep 1000"], init: true }),
];
`,
    );
    const build = start("test/slow", ["up", "-d", "slow"]);
    await build.untilSaid("begun");
    build.kill("SIGINT");
    expect((await build.ended).exitCode).toBe(130);
    expect(await running("slow")).toBe("");
    const up = start("test/slow", ["up", "quick"]);
    await up.untilSaid("ready");
    up.kill("SIGINT");
    expect((await up.ended).exitCode).toBe(130);
    expect(await running("slow")).toBe("");
    await succeed("test/slow", "down");
  });

  test("in CI, Compose gets the images by itself", async () => {
    const { exitCode, stderr } = await run("test/billing", ["up", "-d", "billing"], {
      env: { CI: "1" },
    });
    expect(exitCode).not.toBe(0);
    expect(stderr).not.toContain("engine:");
    await succeed("test/billing", "down");
  });

  test("shortcuts run mzcompose in their directory", async () => {
    write("bin/mzcompose", `#!/bin/sh\nexec '${join(process.cwd(), "bin/mzcompose")}' "$@"\n`);
    execFileSync("chmod", ["+x", path("bin/mzcompose")]);
    expect(await succeed("", "gen-shortcuts")).toContain("test/billing/mzcompose\n");
    const script = path("test/billing/mzcompose");
    expect(readFileSync(script, "utf8")).toContain('/../../bin/mzcompose" "$@"');
    const { stdout, exitCode } = await run("test/billing", ["list-workflows"], {
      program: script,
    });
    expect([exitCode, stdout]).toEqual([0, "default\nshow-prices\n"]);
  });
});

const STEPS = `services:
  web: {image: busybox, init: true, command: "sleep 1000", environment: {WHO: "\${WHO:-nobody}"}}
x-workflows:
  everything:
    steps:
      - up -d web
      - test: passes
        steps:
          - sh: |
              who=$$(mzcompose exec -T web sh -c 'echo $$WHO')
              echo "script: $$1, $$2, $$who, $$(mzcompose ps --services)"
      - test: fails
        steps:
          - exec web false
          - exec web echo never
      - run other_one $$2 "$$@"
      - sh: exit 3
      - exec web echo never
    finally:
      - down
  other_one:
    - "exec web echo other: $$@"
  wrong:
    - exce web true
`;

const ABLE = `/** Does everything. */
import { type Composition, Service } from "mzbuild/compose";

export const services = [
  Service("web", {
    image: "busybox",
    init: true,
    command: ["sh", "-c", "echo started; echo hello >/index.html; exec httpd -f -p 80 -h /"],
    ports: [80],
    healthcheck: { test: "wget -q -O- http://127.0.0.1/", interval: "0.2s" },
    environment: { WHO: "web" },
  }),
];

export async function workflowEverything(c: Composition, args: string[]): Promise<void> {
  console.log("arguments", ...args);
  await c.up("web");
  await c.waitForHealth("web", { timeoutSeconds: 30 });
  const who = async () => (await c.exec("web", ["sh", "-c", "echo $WHO"], { capture: true })).stdout.trim();
  console.log("exec from", await who());
  const response = await fetch(\`http://127.0.0.1:\${await c.port("web")}/index.html\`);
  console.log("port answers:", (await response.text()).trim());
  console.log("logs:", (await c.logs("web")).trim());
  await c.kill("web");
  console.log("after kill:", (await c.invoke(["ps", "--quiet"], { capture: true })).stdout === "");
  await c.override([Service("web", { image: "busybox", init: true, command: "sleep 1000", environment: { WHO: "other" } })], async () => {
    await c.up("web");
    console.log("overridden:", await who());
  });
  await c.up("web");
  console.log("as before:", await who());
  await c.run("web", ["sh", "-c", "exit 3"]).catch((error) => console.log("refused:", error.message));
  await c.override([Service("webb", {})], async () => {}).catch((error) => console.log("unknown:", error.message));
  await c.stop("web", { timeoutSeconds: 1 });
  await c.start("web");
  await c.pause("web");
  await c.unpause("web");
  await c.restart("web");
  await c.rm("web");
  await c.testCase("fails", async () => {
    throw new Error("on purpose");
  });
  await c.testCase("passes", async () => {});
  await c.workflow("nested", "z");
  await c.down();
}

export async function workflowNested(_c: Composition, [arg]: string[]): Promise<void> {
  console.log("nested workflow", arg);
}
`;
