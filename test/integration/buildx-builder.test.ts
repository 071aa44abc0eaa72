// Builders of docker buildx, made by buildx itself: mzimage builds where buildx would.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { acquire } from "../../cli/command/acquire.ts";
import { build } from "../../cli/command/build.ts";
import type { AcquireFlags } from "../../cli/option-values.ts";
import { testTerminal } from "../cli/test-terminal.ts";
import { type GitRepository, gitRepository, image } from "../mzbuild/git-repository.ts";
import { loadBuildkitImage } from "./buildkit-image.ts";
import { dockerMissing, startDocker, type TestDocker } from "./docker-engine.ts";
import { testEngine } from "./engine.ts";
import { textOf } from "./file-tree.ts";

const missing = await dockerMissing();

describe.skipIf(missing !== undefined)(`a buildx builder${missing === undefined ? "" : ` (${missing})`}`, () => {
  let docker: TestDocker;
  beforeAll(async () => {
    docker = await startDocker();
    await loadBuildkitImage(docker);
    const create = ["buildx", "create", "--driver-opt", "network=host", "--driver", "docker-container"];
    await docker.docker([...create, "--name", "boxed"]);
    await docker.docker(["buildx", "create", "--driver", "remote", "--name", "far", (await testEngine()).address]);
  });
  afterAll(async () => {
    await docker.docker(["buildx", "rm", "--force", "boxed"]);
    await docker[Symbol.asyncDispose]();
  });

  function repository(): GitRepository {
    const dockerfile = 'FROM scratch\nCOPY text /text\nENTRYPOINT ["/text"]\n';
    const git = gitRepository({
      ...image("app", { Dockerfile: dockerfile, text: crypto.randomUUID() }),
      "mzbuild-settings.yml": "registry: ''\n",
    });
    onTestFinished(() => git[Symbol.dispose]());
    return git;
  }

  async function builds(flags: AcquireFlags) {
    const git = repository();
    const { terminal, stderr } = testTerminal(git.root, docker.env);
    const output = [`type=local,dest=${join(git.root, "out")}`];
    await build(terminal, {}, { progress: "plain", ...flags, output }, ["app"]);
    expect(textOf(git.root, "out/text")).toBe(textOf(git.root, "images/app/text"));
    return stderr();
  }

  test("in a container is started where it isn't there yet, and builds", async () => {
    const log = await builds({ builder: "boxed" });
    expect(log).toContain('starting the docker buildx builder "boxed"');
    expect(log).toContain(
      'docker-container://buildx_buildkit_boxed0 (the docker buildx builder "boxed", selected by --builder)',
    );
  });

  test("is taken when it is the selected one, and Docker when its own is", async () => {
    await docker.docker(["buildx", "use", "boxed"]);
    expect(await builds({})).toContain("docker-container://buildx_buildkit_boxed0");
    await docker.docker(["buildx", "use", "default"]);
    expect(await builds({})).toContain(`docker:${docker.host}`);
  });

  test("of the driver remote is the buildkitd that it names", async () => {
    expect(await builds({ builder: "far" })).toContain((await testEngine()).address);
  });

  test("has what it builds loaded into Docker", async () => {
    const git = repository();
    const { terminal, stdout } = testTerminal(git.root, docker.env);
    await acquire(terminal, {}, { progress: "plain", json: true, load: true, builder: "boxed" }, ["app"]);
    const [{ spec }] = JSON.parse(stdout());
    expect(await docker.docker(["image", "inspect", "--format", "{{.Config.Entrypoint}}", spec])).toBe("[/text]");
  });
});
