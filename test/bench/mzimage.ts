/**
 * mzimage's questions on generated repositories, each a fresh process, beside the least that anyone has to do for them: git's own
 * listing of the files, and a SHA-1 of their bytes.
 *
 *     npm run bench mzimage
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { formatTimings, measure, type Subject } from "./measure.ts";

const sizes = [
  { images: 50, files: 10_000, rounds: 7 },
  { images: 1000, files: 100_000, rounds: 3 },
] as const;

/** `program` is the path of bin/mzimage. */
export async function benchMzimage(program: string, print: (line: string) => void): Promise<void> {
  for (const { images, files, rounds } of sizes) {
    const parent = mkdtempSync(join(tmpdir(), "mzimage-bench-"));
    try {
      const root = join(parent, "repository");
      generate(root, images, files);
      const timings = await measure(subjects(program, root, parent), { rounds });
      print(formatTimings(`${images} images, ${files} files`, timings, "limit"));
      print(`  peak memory of list --json: ${peakMegabytes(program, root, parent)} MB\n`);
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  }
}

function subjects(program: string, root: string, parent: string): readonly Subject[] {
  const env = environment(parent);
  const mzimage = (...args: readonly string[]) => execFileSync(program, args, { cwd: root, env, maxBuffer: 1 << 30 });
  const withoutCache = (...args: readonly string[]): void => {
    rmSync(join(parent, "cache"), { recursive: true, force: true });
    mzimage(...args);
  };
  return [
    { name: "limit", run: () => execFileSync(process.execPath, ["-e", LIMIT], { cwd: root, env }) },
    { name: "node alone", run: () => execFileSync(process.execPath, ["-e", "0"], { env }) },
    { name: "fingerprint of one image", run: () => mzimage("fingerprint", "image-0") },
    { name: "list --json, nothing cached", run: () => withoutCache("list", "--json") },
    { name: "list --json, hashes cached", run: () => mzimage("list", "--json") },
    { name: "fingerprint --all, hashes cached", run: () => mzimage("fingerprint", "--all") },
    { name: "plan without a registry", run: () => mzimage("plan") },
  ].map(({ name, run }) => ({ name, run: () => void run() }));
}

/** git's listing, then a SHA-1 of every file, in one process. */
const LIMIT = `
const { execFileSync } = require("node:child_process");
const { hash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const listed = execFileSync("git", ["ls-files", "-z"], { maxBuffer: 1 << 30, encoding: "utf8" });
execFileSync("git", ["ls-files", "-z", "--others", "--exclude-standard"]);
for (const path of listed.split("\\0")) if (path !== "") hash("sha1", readFileSync(path));
`;

/** Without certificates of this machine's own, which Node would read at each start, that of the limit, too. */
function environment(parent: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _certificates, CI: _ci, CI_SANITIZER: _sanitizer, MZ_ROOT: _root, ...env } = process.env;
  return { ...env, GIT_CONFIG_GLOBAL: "/dev/null", XDG_CACHE_HOME: join(parent, "cache") };
}

function peakMegabytes(program: string, root: string, parent: string): number {
  const report = `process.on("exit", () => process.stderr.write("peak " + process.resourceUsage().maxRSS));`;
  const preload = join(parent, "report.cjs");
  writeFileSync(preload, report);
  const env = { ...environment(parent), NODE_OPTIONS: `--require="${preload}"` };
  const { stderr } = spawnSync(program, ["list", "--json"], {
    cwd: root,
    env,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  return Math.round(Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024);
}

/** A chain of bases with images on it, files of a few hundred bytes to some kilobytes in directories of twenty, all committed. */
function generate(root: string, images: number, files: number): void {
  const old = new Date(Date.now() - 3_600_000);
  const write = (path: string, content: string): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, old, old);
  };
  write("mzbuild-settings.yml", "profile: dev\n");
  const each = Math.floor(files / images) - 2;
  for (let image = 0; image < images; image++) {
    const directory = `images/image-${image}`;
    write(`${directory}/mzbuild.yml`, `name: image-${image}\n`);
    write(
      `${directory}/Dockerfile`,
      image === 0
        ? "FROM scratch\nCOPY . /\n"
        : `MZFROM image-${image % 10 === 0 ? image - 10 : image - (image % 10)}\nCOPY . /\n`,
    );
    for (let file = 0; file < each; file++) {
      const seed = createHash("sha1").update(`${image} ${file}`).digest("hex");
      write(
        `${directory}/src/d${Math.floor(file / 20)}/f${file}.txt`,
        seed.repeat(5 + ((image * 7 + file * 13) % 100)),
      );
    }
  }
  const git = (...args: readonly string[]) =>
    execFileSync("git", args, { cwd: root, env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" } });
  git("init", "--quiet");
  // Else git tidies up in the background, while things are measured.
  git("config", "gc.auto", "0");
  git("config", "maintenance.auto", "false");
  git("add", "--all");
  git("-c", "user.name=b", "-c", "user.email=b@example.invalid", "commit", "--quiet", "--message", "all");
}
