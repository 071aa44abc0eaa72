// What goes wrong with dazzle projects in use: what is said, and what is left behind.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type DazzleCommands,
  dazzleCommands,
  imageAt,
  indexAt,
  projectOf,
  pushShellImage,
  tagsOf,
} from "./dazzle-project.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";

const noRegistry = await registryMissing();
const CHUNK = "ARG base\nFROM ${base}\n";

let registry: TestRegistry;
let commands: DazzleCommands;
let base = "";

beforeAll(async () => {
  if (noRegistry !== undefined) return;
  registry = await startRegistry();
  commands = await dazzleCommands();
  base = `FROM ${await pushShellImage(commands, registry.host)}\nENV PATH=/usr/bin:/bin A=b=c V=1\nRUN echo base >/base\n`;
});
afterAll(async () => {
  commands?.[Symbol.dispose]();
  await registry?.close();
});

const layersOf = async (target: string, tag: string) => {
  const { manifest } = await imageAt(target, tag);
  return (manifest.layers ?? []).map(({ digest }) => digest);
};

describe.skipIf(noRegistry !== undefined)("tests of chunks", () => {
  it("are stopped when they don't end, and when their assertions loop", async () => {
    const project = projectOf(commands.home, "endless", {
      "base/Dockerfile": base,
      "chunks/a/Dockerfile": CHUNK,
      "tests/a.yaml": `
- desc: sleeps
  command: [sleep, "1000"]
- desc: loops
  command: ["true"]
  assert: [ "while (true) {}" ]
`,
    });
    const { exitCode, stderr } = await commands.run(project, [
      "build",
      `${registry.host}/endless`,
      "--test-timeout",
      "2s",
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("it did not end within 2 s, and was stopped");
    expect(stderr).toContain("tests/a.yaml:6");
    expect(stderr).toContain("the assertion was stopped: it did not end within 5 s");
    expect(stderr).toContain("error: cannot test chunk a: a: tests failed");
  });

  it("see values with =, users by name, much output and their own variables", async () => {
    const project = projectOf(commands.home, "faults", {
      "base/Dockerfile": `${base}RUN echo dev:x:1000:1000::/:/bin/sh >>/etc/passwd\n`,
      "chunks/a/Dockerfile": `${CHUNK}USER dev\n`,
      "tests/a.yaml": `
- {desc: image, command: [sh, -c, "echo $A"], assert: ["stdout == 'b=c\\\\n'"]}
- {desc: own, command: [sh, -c, "echo $A"], env: ["A=1=2"], assert: ["stdout == '1=2\\\\n'"]}
- {desc: name, command: [id, -un], user: root, assert: ["stdout == 'root\\\\n'"]}
- {desc: image's user, command: [id, -u], assert: ["stdout == '1000\\\\n'"]}
- {desc: nobody, command: [id], user: "4242", assert: ["status == 255 && stderr.indexOf('unknown userid 4242') > 0"]}
- {desc: much, command: [head, -c, "5000000", /dev/zero], assert: ["stdout.length == 5000000"]}
- {desc: signal, command: [sh, -c, "kill -9 $$"], assert: ["status == -1"]}
`,
    });
    const { exitCode, stderr } = await commands.run(project, ["build", `${registry.host}/faults`]);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain("a: 7 tests passed");
  });
});

describe.skipIf(noRegistry !== undefined)("mzdazzle", () => {
  it("builds what can be built, and tells of each chunk that can't with its lines", async () => {
    const project = projectOf(commands.home, "failing", {
      "base/Dockerfile": base,
      "chunks/fails/Dockerfile": `${CHUNK}RUN echo no luck && false\n`,
      "chunks/misspelt/Dockerfile": `${CHUNK}RAN true\n`,
      "chunks/other/Dockerfile": "FROM scratch\nCOPY Dockerfile /\n",
      "chunks/works/Dockerfile": `${CHUNK}RUN echo works >/works\n`,
    });
    const target = `${registry.host}/failing`;
    const { exitCode, stderr } = await commands.run(project, ["build", target]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no luck");
    expect(stderr).toContain("error: cannot build chunk fails: ");
    expect(stderr).toContain("--> chunks/fails/Dockerfile:3\n");
    expect(stderr).toContain("--> chunks/misspelt/Dockerfile:3\n");
    expect(stderr).toContain(" [fails internal] load build definition from Dockerfile\n");
    expect(stderr).toContain("error: cannot build chunk other: chunk was not built from base image: ");
    expect((await tagsOf(target)).some((tag) => /^works--.*--chunked$/.test(tag))).toBe(true);
  });

  it("has nearest names, and says what to do where nothing was built", async () => {
    const project = projectOf(commands.home, "names", {
      "dazzle.yaml": "combiner: {combinations: [{name: whole, chunks: [alpha]}]}",
      "base/Dockerfile": base,
      "chunks/alpha/Dockerfile": CHUNK,
    });
    const run = (...args: readonly string[]) => commands.run(project, args);
    const target = `${registry.host}/names`;
    const unbuilt = await run("combine", target, "--all");
    expect(unbuilt.stdout).toMatch(
      /^cannot download base-image info: cannot download base image info: .*: not found\n$/,
    );
    expect((await run("combine", target, "--combination", "whle")).stderr).toContain('did you mean "whole"?');
    expect((await run("combine", target)).exitCode).toBe(2);
    await run("build", target);
    expect((await run("combine", target, "--chunks", "x=alhpa")).stderr).toContain('did you mean "alpha"?');
    appendFileSync(join(project, "chunks/alpha/Dockerfile"), "RUN true\n");
    const changed = await run("combine", target, "--all");
    expect(changed.exitCode).toBe(1);
    expect(changed.stderr).toContain("was not built as it is now");
  });

  it("quotes a registry that refuses", async () => {
    // Of nobody: the password was thrown away.
    const htpasswd = "user:$2y$05$TJ5.MyDR0xLVGFwPLbXJaOGVWHdZFvDkRAd4QZVSW7nRz6UXNyYPq\n";
    await using closed = await startRegistry({ htpasswd });
    const project = projectOf(commands.home, "refused", { "base/Dockerfile": base });
    const { exitCode, stderr } = await commands.run(project, ["build", `${closed.host}/x`]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/401|authorization|unauthorized/i);
  });

  it("ends at once on Ctrl-C, and leaves no image of what it was doing", async () => {
    const project = projectOf(commands.home, "stopped", {
      "base/Dockerfile": base,
      "chunks/slow/Dockerfile": `${CHUNK}RUN echo begun && sleep 600\n`,
    });
    const target = `${registry.host}/stopped`;
    const running = commands.start(project, ["build", target, "--plain-output"]);
    await new Promise<void>((resolve) => {
      let said = "";
      running.stderr?.on("data", (piece: Uint8Array) => {
        said += String(piece);
        if (/ begun\n/.test(said)) resolve();
      });
    });
    running.kill("SIGINT");
    expect((await running).exitCode).toBe(130);
    expect((await tagsOf(target)).map((tag) => tag.split("--")[0])).toEqual(["base"]);
  });

  it("warns of files that two chunks write, refuses them with --strict, and rebases without building a chunk", async () => {
    const project = projectOf(commands.home, "rebased", {
      "dazzle.yaml":
        "combiner:\n  combinations: [{name: all, chunks: [a, b]}]\n  envvars: [{name: PATH, action: merge-unique}]\n",
      "base/Dockerfile": base,
      "chunks/a/Dockerfile": `${CHUNK}RUN echo a >/shared && rm /base\nENV PATH=/a:$PATH\n`,
      "chunks/b/Dockerfile": `${CHUNK}RUN echo b >/shared\n`,
      "tests/a.yaml":
        "- {desc: gone, command: [cat, /base, /shared], assert: [\"status == 1 && stdout == 'b\\\\n'\"]}\n",
    });
    // In its own image, the shared file is a's.
    writeFileSync(join(project, "tests/a.yaml"), '- {desc: gone, command: [cat, /base], assert: ["status == 1"]}\n');
    const target = `${registry.host}/rebased`;
    const run = (...args: readonly string[]) => commands.run(project, args);
    await run("build", target);
    const combined = await run("combine", target, "--all");
    expect(combined.stderr).toContain("warning: a and b write /shared: that of b is in the image");
    const before = await layersOf(target, "all");
    const strict = await run("combine", target, "--all", "--strict");
    expect(strict.exitCode).toBe(1);
    expect(strict.stderr).toContain("chunks a and b of combination all both write /shared");

    appendFileSync(join(project, "base/Dockerfile"), "ENV PATH=/new:/usr/bin:/bin V=2\nRUN echo new >/new\n");
    const rebased = await run("rebase", target);
    expect(rebased.exitCode, rebased.stderr).toBe(0);
    expect(rebased.stderr).not.toContain("RUN echo a >/shared");
    expect(rebased.stderr).toContain("all: 1 test passed");
    const after = await layersOf(target, "all");
    expect(after.slice(-2)).toEqual(before.slice(-2));
    expect(after.length).toBe(before.length + 1);
    const { config } = await imageAt(target, "all");
    expect(config.config.Env).toEqual(["PATH=/a:/new:/usr/bin:/bin", "A=b=c", "V=2"]);
  });

  it("builds and combines for two platforms, as one index", async () => {
    const project = projectOf(commands.home, "platforms", {
      "dazzle.yaml": "combiner: {combinations: [{name: both, chunks: [a]}]}",
      "base/Dockerfile": "FROM scratch\nCOPY Dockerfile /\n",
      "chunks/a/Dockerfile": `${CHUNK}ARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\n`,
      "tests/a.yaml": "- {desc: waits, command: [/none], skip: true}\n",
    });
    const target = `${registry.host}/platforms`;
    const built = await commands.run(project, ["build", target, "-v", "--platform", "linux/amd64,linux/arm64"]);
    expect(built.exitCode, built.stderr).toBe(0);
    for (const platform of ["linux/amd64", "linux/arm64"]) expect(built.stderr).toContain(`a (${platform}): waits`);
    const combined = await commands.run(project, ["combine", target, "--all"]);
    expect(combined.exitCode, combined.stderr).toBe(0);
    const { manifests = [] } = await indexAt(target, "both");
    expect(manifests.map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);

    const one = await commands.run(project, ["combine", target, "--all", "--platform", "linux/arm64"]);
    expect(one.exitCode, one.stderr).toBe(0);
    const { manifests: chosen = [] } = await indexAt(target, "both");
    expect(chosen.map(({ platform }) => platform.architecture)).toEqual(["arm64"]);
    const none = await commands.run(project, ["combine", target, "--all", "--platform", "linux/s390x"]);
    expect(none.exitCode).toBe(1);
    expect(none.stderr).toContain("the base has no image for linux/s390x: it was built for linux/amd64, linux/arm64");
  });
});
