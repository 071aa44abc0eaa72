import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testEngine } from "./engine.ts";

/** The package as a project has it that installed it: what the README shows. */

const project = fileURLToPath(new URL("../..", import.meta.url));
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "mzbuild-library-"));
  const { stdout } = await execa("npm", ["pack", "--json", "--loglevel=error", "--pack-destination", directory], {
    cwd: project,
    stdin: "ignore",
  });
  const packed = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1] ?? "";
  await writeFile(join(directory, "package.json"), '{ "type": "module", "private": true }');
  await execa("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `./${packed}`], {
    cwd: directory,
    stdin: "ignore",
  });
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

const program = `
import { definitionToProto, linux, marshal, mkfile, scratch } from "mzbuild/llb";
import { connectAddress, listWorkers, RpcClient, solve } from "mzbuild/client";
import { parseDockerfile } from "mzbuild/frontend";

const client = new RpcClient({ connect: connectAddress(process.env.BUILDKIT_HOST) });
const state = scratch({ platform: linux("amd64") }).file([mkfile("/hello", 0o644, "hello")]);
const { kind } = await solve(client, {
  work: { kind: "definition", definition: definitionToProto(marshal(state.output)) },
});
const workers = await listWorkers(client);
await client.close();
const { dockerfile } = parseDockerfile("FROM scratch AS a\\nFROM a");
console.log(JSON.stringify({ kind, workers: workers.length > 0, stages: dockerfile.stages.length }));
`;

test("a program that installed the package builds with it", async () => {
  const { address } = await testEngine();
  await writeFile(join(directory, "program.js"), program);
  const { stdout } = await execa("node", ["program.js"], { cwd: directory, env: { BUILDKIT_HOST: address } });
  expect(JSON.parse(stdout)).toEqual({ kind: "done", workers: true, stages: 2 });
});

test.each(["nodenext", "bundler"])("its types are found with moduleResolution %s", async (moduleResolution) => {
  await writeFile(
    join(directory, "typed.ts"),
    `import { RpcClient } from "mzbuild/client";
import { Service } from "mzbuild/compose";
import { parseDockerfile } from "mzbuild/frontend";
import { image, linux, type State } from "mzbuild/llb";
// @ts-expect-error An image has a name.
image(1);
export const state: State = image("alpine", { platform: linux("amd64") });
export const all = [RpcClient, Service, parseDockerfile];
`,
  );
  await symlink(join(project, "node_modules/@types"), join(directory, "node_modules/@types")).catch(() => {});
  const options = ["--noEmit", "--strict", "--target", "es2022", "--types", "node", "--skipLibCheck", "false"];
  const module = moduleResolution === "nodenext" ? "nodenext" : "esnext";
  const { all, exitCode } = await execa(
    join(project, "node_modules/.bin/tsc"),
    [...options, "--module", module, "--moduleResolution", moduleResolution, "typed.ts"],
    { cwd: directory, all: true, reject: false },
  );
  expect({ all, exitCode }).toEqual({ all: "", exitCode: 0 });
});

test("its programs run without the sources", async () => {
  const run = async (program: string, ...args: readonly string[]) => {
    const options = { cwd: join(project, "examples/tour"), all: true, reject: false } as const;
    return (await execa(join(directory, "node_modules/.bin", program), args, options)).all;
  };
  expect(await run("mzimage", "spec", "fancy-loadgen")).toMatch(/^fancy-loadgen:mzbuild-[A-Z2-7]{32}$/);
  expect(await run("mzimage", "plan", "ubuntu-base")).toMatch(/^build {2}ubuntu-base {2}/);
  expect(await run("mzdazzle", "--version")).toMatch(/^mzdazzle \d/);
  expect(await run("mzcompose", "--find", "billing", "list-workflows")).toContain("show-prices");
});
