// mzimage where Docker is the engine, and where Docker gets what another engine has built: against a real Docker with
// each of its image stores.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Acquired, acquire, ensure } from "../../cli/command/acquire.ts";
import { build } from "../../cli/command/build.ts";
import { run } from "../../cli/command/run.ts";
import type { AcquireFlags, RunFlags } from "../../cli/option-values.ts";
import { Interrupted } from "../../cli/terminal.ts";
import { testTerminal } from "../cli/test-terminal.ts";
import { type GitRepository, gitRepository, image } from "../mzbuild/git-repository.ts";
import { dockerMissing, startDocker, type TestDocker } from "./docker-engine.ts";
import { testEngine } from "./engine.ts";
import { buildLog } from "./mzimage.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const missing = await dockerMissing();

/** base ← app, base ← tool (which is never published); unlike in any other test. */
function repository(registry = ""): GitRepository {
  const git = gitRepository({
    ...image("base", { Dockerfile: `FROM busybox\nRUN echo ${crypto.randomUUID()} >/data\n` }),
    ...image("app", { Dockerfile: 'MZFROM base\nCOPY app /app\nENTRYPOINT ["cat"]\nCMD ["/app"]\n', app: "the app" }),
    ...image("tool", {
      "mzbuild.yml": "name: tool\npublish: false\n",
      Dockerfile: "MZFROM base\nCOPY tool /tool\n",
      tool: "the tool",
    }),
    "mzbuild-settings.yml": `registry: "${registry}"\n`,
  });
  onTestFinished(() => git[Symbol.dispose]());
  return git;
}

describe.skipIf(missing !== undefined)(`with Docker${missing === undefined ? "" : ` (${missing})`}`, () => {
  describe.each(["classic", "containerd"] as const)("and its %s image store", (store) => {
    let docker: TestDocker;
    let registry: TestRegistry;
    beforeAll(async () => {
      [docker, registry] = await Promise.all([startDocker({ store }), startRegistry()]);
      await docker.loadBusybox();
    });
    afterAll(async () => {
      await docker[Symbol.asyncDispose]();
      await registry.close();
    });

    const withRegistry = () => `${registry.host}/${crypto.randomUUID()}`;

    /** What the command says on standard error, and what became of each image. */
    async function have(command: typeof acquire, git: GitRepository, names: string[], flags: AcquireFlags = {}) {
      const { terminal, stdout, stderr } = testTerminal(git.root, docker.env);
      await command(terminal, {}, { progress: "plain", json: true, ...flags }, names);
      const acquired: readonly Acquired[] = JSON.parse(stdout());
      const spec = (name: string) => acquired.find((image) => image.name === name)?.spec ?? "";
      return { acquired, actions: acquired.map(({ name, action }) => `${name} ${action}`), spec, log: stderr() };
    }

    async function runs(git: GitRepository, args: readonly string[], flags: RunFlags = {}, signal?: AbortSignal) {
      const { terminal, stdout, stderr } = testTerminal(git.root, docker.env, signal);
      terminal.stdin.push("typed\n");
      terminal.stdin.push(null);
      const [name = "", ...rest] = args;
      const exitCode = await run(terminal, {}, { progress: "quiet", ...flags }, name, rest);
      return { exitCode, stdout: stdout(), stderr: stderr() };
    }

    test("acquire has images in Docker under their specs, and does nothing for those that are there", async () => {
      const git = repository();
      const first = await have(acquire, git, ["app", "tool"]);
      expect(first.log).toContain(`the BuildKit of docker context "default"`);
      expect(first.actions).toEqual(["app built", "tool built"]);
      expect(await docker.docker(["run", "--rm", first.spec("app")])).toBe("the app");
      const second = await have(acquire, git, ["app", "tool"]);
      expect(second.actions).toEqual(["app reused", "tool reused"]);
      expect(second.log).toContain("in Docker already: app, tool");
      expect(second.log).not.toContain("#1");
    });

    test("what Docker has of its own is a base of others, and need not be built", async () => {
      const git = repository("127.0.0.1:1/nobody");
      await have(acquire, git, ["base"]);
      await docker.docker(["builder", "prune", "--all", "--force"]);
      const { actions, log } = await have(acquire, git, ["app"], { progress: "rawjson" });
      expect(actions).toEqual(["app built"]);
      expect([...buildLog(log).ran].filter((step) => step.includes("RUN"))).toEqual([]);
    });

    test("a base whose registry can't be reached is made of packages, and imported", async () => {
      const git = gitRepository({
        ...image("app", {
          Dockerfile: "FROM nowhere.invalid/debian:trixie\nCOPY app /app\nRUN cat /app\n",
          app: crypto.randomUUID(),
        }),
        "mzbuild-settings.yml": `registry: ""\nbases:\n  nowhere.invalid/debian:trixie:\n    debootstrap: trixie\n    include: [ca-certificates]\n`,
      });
      onTestFinished(() => git[Symbol.dispose]());
      const { spec } = await have(acquire, git, ["app"]);
      expect(await docker.docker(["run", "--rm", spec("app"), "bash", "-c", "echo $PATH"])).toContain("/usr/bin");
    });

    test("ensure pushes from Docker, and acquire gets it from the registry", async () => {
      const git = repository(withRegistry());
      await have(acquire, git, ["app"]);
      const { acquired, actions, spec } = await have(ensure, git, ["app", "tool"]);
      expect(actions).toEqual(["base pushed", "app pushed", "tool built"]);
      for (const { action, digest } of acquired) {
        if (action === "pushed") expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      }
      expect((await have(ensure, git, ["app"])).actions).toEqual(["base reused", "app reused"]);
      await docker.docker(["image", "rm", spec("app"), spec("base")]);
      expect((await have(acquire, git, ["app"])).actions).toEqual(["app reused"]);
      expect(await docker.docker(["run", "--rm", spec("app")])).toBe("the app");
    });

    test("run is docker run: input, output, arguments, variables and exit code", async () => {
      const git = repository();
      expect(await runs(git, ["app"])).toEqual({ exitCode: 0, stdout: "the app", stderr: "" });
      expect(await runs(git, ["app", "-"])).toMatchObject({ exitCode: 0, stdout: "typed\n" });
      expect(await runs(git, ["tool", "sh", "-c", "echo $A; exit 3"], { env: ["A=b"] })).toMatchObject({
        exitCode: 3,
        stdout: "b\n",
      });
      expect((await runs(git, ["tool", "nothing"])).exitCode).toBe(127);
    });

    test("a running image is in docker ps under its spec, with its ports, and ends by a signal", async () => {
      const git = repository();
      const stop = new AbortController();
      const { spec } = await have(acquire, git, ["tool"]);
      const publish = { publish: ["127.0.0.1::80"] };
      const running = runs(git, ["tool", "httpd", "-f", "-h", "/", "-p", "80"], publish, stop.signal);
      const filter = ["--filter", `ancestor=${spec("tool")}`, "--format", "{{.ID}} {{.Image}}"];
      await expect.poll(() => docker.docker(["ps", ...filter]), { timeout: 30_000 }).toContain(spec("tool"));
      const [id = ""] = (await docker.docker(["ps", ...filter])).split(" ");
      const address = await docker.docker(["port", id, "80"]);
      await expect.poll(() => get(`http://${address}/tool`), { timeout: 30_000 }).toBe("the tool");
      stop.abort(new Interrupted("SIGTERM"));
      expect((await running).exitCode).toBe(143);
      expect(await docker.docker(["ps", "--all", ...filter])).toBe("");
    });

    test("an image is built into Docker under any name, and pushed", async () => {
      const git = repository();
      const name = `${withRegistry()}/x:y`;
      const into = async (output: string) => {
        const { terminal } = testTerminal(git.root, docker.env);
        await build(terminal, {}, { progress: "plain", output: [output] }, ["app"]);
      };
      await into("type=docker,name=loaded:1");
      expect(await docker.docker(["run", "--rm", "loaded:1"])).toBe("the app");
      await into(`type=registry,name=${name}`);
      await docker.docker(["image", "rm", name]);
      expect(await docker.docker(["run", "--quiet", "--rm", name])).toBe("the app");
      const layout = `type=oci,tar=false,dest=${join(git.root, "layout")}`;
      if (store === "containerd") {
        await into(layout);
        expect(existsSync(join(git.root, "layout/index.json"))).toBe(true);
      } else await expect(into(layout)).rejects.toMatchObject({ code: "bad-option" });
    });

    test("what another engine builds is loaded into Docker, once", async () => {
      // Docker has the base of no other engine.
      const git = gitRepository({
        ...image("app", { Dockerfile: 'FROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\n', app: crypto.randomUUID() }),
        "mzbuild-settings.yml": "registry: ''\n",
      });
      onTestFinished(() => git[Symbol.dispose]());
      const flags = { buildkit: (await testEngine()).address, load: true };
      const { actions, spec } = await have(acquire, git, ["app"], flags);
      expect(actions).toEqual(["app built"]);
      const format = ["--format", "{{json .Config.Entrypoint}}"];
      expect(await docker.docker(["image", "inspect", ...format, spec("app")])).toBe('["/app"]');
      const again = await have(acquire, git, ["app"], { ...flags, buildkit: "unix:///nowhere" });
      expect(again.actions).toEqual(["app reused"]);
    });
  });
});

async function get(url: string): Promise<string> {
  return fetch(url).then(
    (response) => response.text(),
    () => "",
  );
}
