/**
 * mzimage where there is nothing to do: every image is in the registry, or built and in the engine's cache. Beside asking the
 * registry for every image, which is the least that anyone has to do.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { privateEngine } from "../integration/engine.ts";
import { registryMissing, startRegistry } from "../integration/registry.ts";
import { formatTimings, measure } from "./measure.ts";

const sizes = [
  { images: 50, rounds: 3 },
  { images: 200, rounds: 2 },
] as const;

/** `program` is the path of bin/mzimage. */
export async function benchAcquire(program: string, print: (line: string) => void): Promise<void> {
  const missing = await registryMissing();
  if (missing !== undefined) return print(`no-op acquire: not measured, ${missing}\n`);
  await using registry = await startRegistry();
  await using engine = await privateEngine();
  for (const { images, rounds } of sizes) {
    const parent = mkdtempSync(join(tmpdir(), "mzimage-acquire-"));
    try {
      const root = join(parent, "repository");
      generate(root, images);
      const env = environment(parent, engine.address);
      // Awaited, not waited for: the registry's log has to be read meanwhile.
      const node = async (args: readonly string[], input = "") =>
        (await execa(process.execPath, args, { cwd: root, env, extendEnv: false, input })).stdout;
      const mzimage = async (...args: readonly string[]) =>
        (await execa(program, args, { cwd: root, env, extendEnv: false })).stdout;
      const settings = (text: string): void => writeFileSync(join(root, "mzbuild-settings.yml"), text);
      const inRegistry = (): void => settings(`registry: ${registry.host}/bench\n`);
      inRegistry();
      await mzimage("ensure", "--all", "--progress=quiet");
      const specs = await mzimage("spec", "--all");
      const there = async (...args: readonly string[]) => {
        inRegistry();
        await mzimage(...args);
      };
      const built = async (...args: readonly string[]) => {
        settings("{}\n");
        await mzimage(...args);
      };
      const subjects = [
        { name: "limit", run: async () => void (await node(["-e", LIMIT], specs)) },
        { name: "plan, all in the registry", run: () => there("plan") },
        { name: "acquire --all, all in the registry", run: () => there("acquire", "--all") },
        { name: "ensure --all, all in the registry", run: () => there("ensure", "--all") },
        { name: "acquire --all, all in the engine", run: () => built("acquire", "--all") },
      ];
      print(formatTimings(`${images} images, nothing to do`, await measure(subjects, { rounds }), "limit"));
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  }
}

/** A HEAD of every manifest, sixteen at once. */
const LIMIT = `
const { readFileSync } = require("node:fs");
const specs = readFileSync(0, "utf8").split("\\n").map((spec) => /^([^/]+)\\/(.*):(.*)$/.exec(spec));
const work = async () => {
  for (let spec = specs.pop(); spec; spec = specs.pop()) {
    const headers = { accept: "application/vnd.oci.image.manifest.v1+json" };
    const { status } = await fetch(\`http://\${spec[1]}/v2/\${spec[2]}/manifests/\${spec[3]}\`, { method: "HEAD", headers });
    if (status !== 200) throw new Error(spec[0] + ": " + status);
  }
};
void Promise.all(Array.from({ length: 16 }, work));
`;

/** Without certificates of this machine's own, which Node would read at each start, that of the limit, too. */
function environment(parent: string, address: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, CI: _ci, CI_SANITIZER: _sanitizer, MZ_ROOT: _root, ...env } = process.env;
  return { ...env, GIT_CONFIG_GLOBAL: "/dev/null", XDG_CACHE_HOME: join(parent, "cache"), BUILDKIT_HOST: address };
}

/** A chain of bases with images on it, unlike those of any other run. */
function generate(root: string, images: number): void {
  const run = crypto.randomUUID();
  for (let image = 0; image < images; image++) {
    const directory = join(root, `images/image-${image}`);
    mkdirSync(directory, { recursive: true });
    const base = image % 10 === 0 ? image - 10 : image - (image % 10);
    writeFileSync(join(directory, "mzbuild.yml"), `name: image-${image}\n`);
    const from = image === 0 ? "FROM scratch" : `MZFROM image-${base}`;
    writeFileSync(join(directory, "Dockerfile"), `${from}\nCOPY data /data-${image}\n`);
    writeFileSync(join(directory, "data"), `${run} ${image}\n`);
  }
  execFileSync("git", ["init", "--quiet"], { cwd: root });
}
