import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testEngine } from "./engine.ts";

/** The library as a program has it that installed the package: what the README shows. */

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
