// mzdazzle with a registry that wants tokens: its own requests, and those of the engine, with docker's login.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DazzleCommands, dazzleCommands, projectOf } from "./dazzle-project.ts";
import { registryMissing } from "./registry.ts";
import { startTokenRegistry, type TokenRegistry } from "./token-registry.ts";

const noRegistry = await registryMissing();
const login = { username: "somebody", password: "pass:word=" };

describe.skipIf(noRegistry !== undefined)("a registry that wants tokens", () => {
  let registry: TokenRegistry;
  let commands: DazzleCommands;
  let project: string;
  beforeAll(async () => {
    registry = await startTokenRegistry(login);
    commands = await dazzleCommands();
    project = projectOf(commands.home, "tokens", {
      "dazzle.yaml": "combiner: {combinations: [{name: both, chunks: [a, b]}]}",
      "base/Dockerfile": "FROM scratch\nCOPY Dockerfile /\n",
      "chunks/a/Dockerfile": "ARG base\nFROM ${base}\nCOPY Dockerfile /a\n",
      "chunks/b/Dockerfile": "ARG base\nFROM ${base}\nCOPY Dockerfile /b\n",
    });
  });
  afterAll(async () => {
    commands?.[Symbol.dispose]();
    await registry?.close();
  });

  it("refuses whoever has none, which is told with what to do", async () => {
    const { exitCode, stderr } = await commands.run(project, ["build", `${registry.host}/p/x`]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("401 Unauthorized");
    expect(stderr).toContain("log in with docker login");
  });

  it("gets them for docker's login, from mzdazzle and from the engine", async () => {
    const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
    mkdirSync(join(commands.home, ".docker"));
    writeFileSync(join(commands.home, ".docker/config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const target = `${registry.host}/p/x`;
    const build = await commands.run(project, ["build", target]);
    expect(build.exitCode, build.stderr).toBe(0);
    const combine = await commands.run(project, ["combine", target, "--all", "--strict"]);
    expect(combine.exitCode, combine.stderr).toBe(0);
    const linked = await commands.run(project, ["combine", `${registry.host}/p/y`, "--build-ref", target, "--all"]);
    expect(linked.exitCode, linked.stderr).toBe(0);
    expect((await commands.run(project, ["build", target])).stderr).not.toContain("engine:");
    const scopes = registry.asked.filter(({ user }) => user === login.username).flatMap((asked) => asked.scopes);
    expect(scopes).toContain("repository:p/x:pull,push");
  });
});
