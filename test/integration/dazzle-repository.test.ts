// A dazzle project within a repository of images: its base is one of them, and another one is built on a combination.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GitRepository, gitRepository, image } from "../mzbuild/git-repository.ts";
import { type DazzleCommands, dazzleCommands, imageAt, pushShellImage, tagsOf } from "./dazzle-project.ts";
import type { Outcome } from "./own-home.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

const noRegistry = await registryMissing();
const CHUNK = "ARG base\nFROM ${base}\n";

describe.skipIf(noRegistry !== undefined)("a project within a repository", () => {
  let registry: TestRegistry;
  let commands: DazzleCommands;
  let git: GitRepository;
  let target: string;
  beforeAll(async () => {
    registry = await startRegistry();
    commands = await dazzleCommands();
    target = `${registry.host}/workspace`;
    git = gitRepository({
      "mzbuild-settings.yml": `registry: "${registry.host}/images"\n`,
      ...image("system", {
        Dockerfile: `FROM ${await pushShellImage(commands, registry.host)}\nCOPY issue /etc/issue\n`,
        issue: "one\n",
      }),
      ...image("editor", { Dockerfile: `FROM ${target}:full\nRUN cat /opt/tool >/opt/editor\n` }),
      ...image("plugins", { Dockerfile: "MZFROM editor\nRUN cat /opt/editor /etc/issue >/opt/plugins\n" }),
      "workspace/dazzle.yaml": "combiner:\n  combinations:\n    - name: full\n      chunks: [tool]\n",
      "workspace/base/Dockerfile": "MZFROM system\nRUN mkdir /opt\n",
      "workspace/chunks/tool/Dockerfile": `${CHUNK}RUN echo tool >/opt/tool\n`,
      "workspace/tests/tool.yaml": `- command: [cat, /opt/tool, /etc/issue]\n  assert: ["stdout.indexOf('tool\\\\n') == 0"]\n`,
    });
  });
  afterAll(async () => {
    commands?.[Symbol.dispose]();
    git?.[Symbol.dispose]();
    await registry?.close();
  });

  const mzdazzle = (...args: readonly string[]) => commands.run(join(git.root, "workspace"), args);
  const mzimage = (...args: readonly string[]) => commands.runOther(resolve("bin/mzimage"), git.root, args);
  const well = ({ exitCode, stdout, stderr }: Outcome): string => {
    expect(exitCode, stderr).toBe(0);
    return stdout;
  };
  const editor = () => readFileSync(join(git.root, "images/editor/Dockerfile"), "utf8");

  it("has an image of the repository for its base, and its combination is what others are MZFROM", async () => {
    const built = await mzdazzle("build", target);
    well(built);
    expect(built.stderr).toContain("[system 2/2] COPY issue /etc/issue");
    expect((await tagsOf(`${registry.host}/images/system`))[0]).toMatch(/^mzbuild-/);

    well(await mzdazzle("combine", target, "--all", "--pin", "../images/editor/Dockerfile"));
    expect(editor()).toMatch(new RegExp(`^FROM ${target}:full@sha256:[0-9a-f]{64}\\n`));
    const first = well(await mzimage("fingerprint", "plugins"));
    expect(well(await mzimage("run", "plugins", "cat", "/opt/plugins"))).toBe("tool\none\n");

    // What lies under both changes: the base has another name, and so have chunk, combination and images.
    git.write({ "images/system/issue": "two\n" });
    well(await mzdazzle("build", target));
    well(await mzdazzle("combine", target, "--all", "--pin", "../images/editor/Dockerfile"));
    expect(well(await mzimage("fingerprint", "plugins"))).not.toBe(first);
    expect(well(await mzimage("run", "plugins", "cat", "/opt/plugins"))).toBe("tool\ntwo\n");

    // Nothing has changed since.
    const before = editor();
    expect((await mzdazzle("combine", target, "--all", "--pin", "../images/editor/Dockerfile")).stderr).not.toContain(
      "new digests",
    );
    expect(editor()).toBe(before);
    const { config } = await imageAt(target, "full");
    expect(config.config.Env).toEqual(["PATH=/usr/bin:/bin"]);
  });

  it("says so when a file to pin names no combination, before anything is done", async () => {
    const { exitCode, stderr } = await mzdazzle("combine", target, "--all", "--pin", "../images/system/Dockerfile");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--pin ../images/system/Dockerfile: it names none of the combinations");
  });
});
