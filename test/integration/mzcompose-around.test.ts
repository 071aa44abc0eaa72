// What is around compositions: shells that complete their names, browsers, Docker elsewhere, and Docker that is small.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { say } from "./engine.ts";
import { describeOnDocker } from "./tour-on-docker.ts";

/** Installs what is missing where that is possible; whether it is there. */
function shellIsThere(shell: string): boolean {
  const works = () => spawnSync(shell, ["-c", "true"]).status === 0;
  if (works()) return true;
  say({ kind: "setup", text: `installing ${shell}, whose completion is tested` });
  spawnSync("apt-get", ["install", "--yes", "--no-install-recommends", shell], { stdio: "ignore" });
  if (!works()) say({ kind: "setup", text: `tests of completion in ${shell} are skipped: it can't be installed` });
  return works();
}

describeOnDocker({ name: "around compositions", processors: 1 }, ({ docker, run, write, path, home, engine }) => {
  const shellEnv = () => ({
    ...process.env,
    ...engine().env,
    PATH: `${resolve("bin")}:${engine().env.PATH}`,
    HOME: home(),
    TERM: "dumb",
  });

  test.runIf(shellIsThere("fish"))("fish completes commands, services, workflows and compositions", () => {
    const complete = (line: string): readonly string[] => {
      const script = `mzcompose completion fish | source; complete -C '${line}'`;
      const options = { cwd: path("test/prices"), env: shellEnv(), encoding: "utf8" } as const;
      const lines = execFileSync("fish", ["--no-config", "-c", script], options).trim().split("\n");
      return lines.map((entry) => entry.split("\t")[0] ?? "");
    };
    expect(complete("mzcompose list-work")).toEqual(["list-workflows"]);
    expect(complete("mzcompose --find billing list-work")).toEqual(["list-workflows"]);
    expect(complete("mzcompose exec ")).toEqual(["default", "prices", "watcher"]);
    expect(complete("mzcompose --find billing run sh")).toEqual(["show-prices"]);
    expect(complete("mzcompose --find bil")).toEqual(["billing"]);
    expect(complete("mzcompose --preserve")).toEqual(["--preserve-ports"]);
  });

  test.runIf(shellIsThere("zsh"))("zsh completes them as well", async () => {
    // In a terminal: zsh completes nowhere else.
    const zsh = spawn("script", ["-qec", "zsh -f -i", "/dev/null"], { cwd: path("test/prices"), env: shellEnv() });
    let said = "";
    zsh.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const until = async (pattern: RegExp): Promise<void> => {
      const deadline = Date.now() + 60_000;
      while (!pattern.test(said)) {
        if (Date.now() > deadline) throw new Error(`zsh does not say ${pattern}:\n${said}`);
        await delay(20);
      }
      said = "";
    };
    zsh.stdin.write('PS1="%% "; autoload -U compinit; compinit -u -D\n');
    zsh.stdin.write('eval "$(mzcompose completion zsh)"; eval "$(mzimage completion zsh)"; print is-"ready"\n');
    await until(/is-ready/);
    zsh.stdin.write("mzcompose list-work\t\n");
    await until(/\ndefault\r/);
    zsh.stdin.write("print -- mzcompose; mzcompose --find bil\t list-workflows; mzcompose --find billing run sh\t");
    await until(/--find billing [\s\S]*show-prices/);
    zsh.stdin.write("\u0003");
    zsh.kill();
  });

  test("bash completes services of the composition that is named before", () => {
    const script =
      'eval "$(mzcompose completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mzcompose; echo "${COMPREPLY[@]}"';
    const complete = (...line: readonly string[]): string =>
      execFileSync("bash", ["-c", script, "bash", ...line], {
        cwd: path(""),
        env: shellEnv(),
        encoding: "utf8",
      }).trim();
    expect(complete("mzcompose", "--find", "billing", "stop", "pr")).toBe("prices");
    expect(complete("mzcompose", "--find", "pri")).toBe("prices");
  });

  test("`web` opens the port of a service that runs, and says so of one that doesn't", async () => {
    write(
      "test/site/mzcompose.ts",
      `import { Service } from "mzbuild/compose";
export const services = [
  Service("site", { image: "busybox", init: true, ports: [80], command: ["sh", "-c", "mkdir /www; echo hello >/www/index.html; httpd -f -h /www"] }),
  Service("mute", { image: "busybox" }),
];
`,
    );
    // In the place of a browser: what it would show.
    const bin = join(home(), "bin");
    mkdirSync(bin, { recursive: true });
    const shown = join(home(), "shown");
    const program = `require("node:http").get(process.argv[1], (response) => response.pipe(require("node:fs").createWriteStream("${shown}")))`;
    writeFileSync(join(bin, "xdg-open"), `#!/bin/sh\nexec ${process.execPath} -e '${program}' "$1"\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${engine().env.PATH}` };
    const web = (service: string) => run("test/site", ["web", service], { env });
    expect((await web("site")).stderr).toContain("port 80 of service site is not published: it doesn't run");
    expect((await web("mute")).stderr).toContain("service mute publishes no port");
    expect((await web("sit")).stderr).toMatch(/no such service: sit\n.*did you mean "site"\?/);
    const up = await run("test/site", ["up", "-d", "site"]);
    expect(up.exitCode, up.stderr).toBe(0);
    await expect
      .poll(
        async () => {
          const { stdout } = await web("site");
          expect(stdout).toMatch(/^http:\/\/localhost:\d+\n$/);
          await delay(200);
          return spawnSync("cat", [shown], { encoding: "utf8" }).stdout;
        },
        { timeout: 30_000 },
      )
      .toBe("hello\n");
    expect(readFileSync(shown, "utf8")).toBe("hello\n");
    await run("test/site", ["down"]);
  });

  test("a script in front of docker is what runs, and gets what docker would get", async () => {
    const bin = join(home(), "front");
    const log = join(home(), "front.log");
    mkdirSync(bin, { recursive: true });
    const real = join(engine().env.PATH.split(":")[0] ?? "", "docker");
    writeFileSync(join(bin, "docker"), `#!/bin/sh\necho "$@" >>${log}\nexec ${real} "$@"\n`, { mode: 0o755 });
    const env = { PATH: `${bin}:${engine().env.PATH}` };
    const { exitCode, stderr } = await run("test/billing", ["ps", "--all"], { env });
    expect(exitCode, stderr).toBe(0);
    expect(readFileSync(log, "utf8").trim().split("\n").at(-1)).toBe(
      `compose -f/dev/fd/3 --project-directory ${path("test/billing")} --project-name billing ps --all`,
    );
  });

  test("Docker is where DOCKER_HOST or its context says, also behind TCP; one that is small is warned of", async () => {
    const server = await forward(engine().host.slice("unix://".length));
    const address = server.address();
    const host = `tcp://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    try {
      const up = await run("test/billing", ["up", "-d", "prices"], { env: { DOCKER_HOST: host } });
      expect(up.exitCode, up.stderr).toBe(0);
      expect(up.stderr).toContain("warning: Docker has one processor; at least two are recommended");
      await docker(["context", "create", "far", "--docker", `host=${host}`]);
      const far = { env: { DOCKER_HOST: "", DOCKER_CONTEXT: "far" } };
      const again = await run("test/billing", ["up", "-d", "prices"], far);
      expect(again.exitCode, again.stderr).toBe(0);
      expect(again.stderr).not.toContain("engine:");
      expect((await run("test/billing", ["ps", "--services"], far)).stdout).toBe("prices\n");
      expect((await run("test/billing", ["down"], far)).exitCode).toBe(0);
    } finally {
      server.close();
    }
  });
});

/** A port of this machine that leads to a socket. */
async function forward(socket: string): Promise<Server> {
  const server = createServer((client) => {
    const daemon = connect(socket);
    client.pipe(daemon).pipe(client);
    client.on("error", () => daemon.destroy());
    daemon.on("error", () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}
