// mzdazzle where Docker's own BuildKit is the engine: with the classic image store it can neither merge trees nor push.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DazzleCommands, dazzleCommands, imageAt, projectOf, pushShellImage } from "./dazzle-project.ts";
import { dockerMissing, startDocker, type TestDocker } from "./docker-engine.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";

const missing = await dockerMissing();

function project(home: string, shell: string): string {
  const chunk = (name: string, more = "") =>
    `ARG base\nFROM \${base}\nRUN echo ${name} >/opt/${name} && echo ${name} >/opt/both\n${more}`;
  const base = `FROM ${shell}\nRUN mkdir /opt && echo >/opt/gone && echo dev:x:7:7::/:/bin/sh >>/etc/passwd && echo root:x:0: >/etc/group\n`;
  const test = (name: string, user: string) => `- desc: has its files
  command: [sh, -c, "cat /opt/${name} /opt/both; echo $TWO; id -u"]
  user: "${user}"
  assert:
    - stdout.indexOf("${name}\\n") == 0
    - stdout.indexOf("\\n7\\n") > 0
`;
  return projectOf(home, "docker", {
    "dazzle.yaml": "combiner:\n  combinations:\n    - name: all\n      chunks: [one, two]\n",
    "base/Dockerfile": base,
    "chunks/one/Dockerfile": chunk("one"),
    "chunks/two/Dockerfile": chunk("two", "RUN rm /opt/gone\nENV TWO=2\n"),
    "tests/one.yaml": test("one", "dev"),
    "tests/two.yaml": `${test("two", "7")}    - stdout.indexOf("two\\ntwo\\n2\\n") == 0\n`,
  });
}

describe.skipIf(missing !== undefined)(`with Docker${missing === undefined ? "" : ` (${missing})`}`, () => {
  let registry: TestRegistry;
  let commands: DazzleCommands;
  let directory: string;
  beforeAll(async () => {
    registry = await startRegistry();
    commands = await dazzleCommands();
    directory = project(commands.home, await pushShellImage(commands, registry.host));
  });
  afterAll(async () => {
    commands[Symbol.dispose]();
    await registry.close();
  });

  const withDocker = (docker: TestDocker, args: readonly string[]) =>
    commands.run(directory, args, { env: { BUILDKIT_HOST: "", ...docker.env, PATH: docker.env.PATH } });

  /** All that is the same whoever combines: the manifest without the config's digest, and the config without its time. */
  async function combined(target: string): Promise<unknown> {
    const { manifest, config } = await imageAt(target, "all");
    const { config: _, ...rest } = manifest;
    return { ...rest, image: { ...config, created: "" } };
  }

  it("and its classic store, combinations are tested by copies, a line says so, and they are those of an engine that merges", async () => {
    await using docker = await startDocker({ store: "classic" });
    const target = `${registry.host}/copies`;
    const refused = await withDocker(docker, ["build", target]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("can't push images with Docker's classic image store");
    const here = await commands.run(directory, ["build", target]);
    expect(here.exitCode, here.stderr).toBe(0);

    const strict = await withDocker(docker, ["combine", target, "--all", "--strict"]);
    expect(strict.stderr).toContain("chunks one and two of combination all both write /opt/both");
    const copied = await withDocker(docker, ["combine", target, "--all", "--verbose"]);
    expect(copied.stderr.match(/the engine can't merge trees .*/g)).toHaveLength(1);
    expect(copied.stderr).toContain("warning: one and two write /opt/both: that of two is in the image (in all)");
    expect(copied.stderr.match(/passed {2}all: has its files/g)).toHaveLength(2);
    expect(copied.stderr).toContain("all: 2 tests passed");
    expect(copied.exitCode, copied.stderr).toBe(0);
    const byCopies = await combined(target);

    const other = `${registry.host}/merged`;
    const merged = await commands.run(directory, ["combine", other, "--build-ref", target, "--all"]);
    expect(merged.stderr).not.toContain("can't merge");
    expect(await combined(other)).toEqual(byCopies);
  });

  it("and its containerd store, projects are built, merged and pushed", async () => {
    await using docker = await startDocker({ store: "containerd" });
    const target = `${registry.host}/containerd`;
    const built = await withDocker(docker, ["build", target]);
    expect(built.stderr).toContain('the BuildKit of docker context "default"');
    expect(built.exitCode, built.stderr).toBe(0);
    const { exitCode, stderr } = await withDocker(docker, ["combine", target, "--all"]);
    expect(stderr).not.toContain("can't merge");
    expect(stderr).toContain("all: 2 tests passed");
    expect(exitCode, stderr).toBe(0);
  });
});
