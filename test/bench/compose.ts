/**
 * mzcompose beside docker compose itself on the file that mzcompose hands to it: a cold `ps`, an `up -d` that has nothing to do, for
 * each form of a composition; and what finding compositions takes in a repository of 200.
 *
 *     npm run bench compose
 *
 * On a dockerd of its own, which is the tests' (as root, on Linux).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dockerMissing, startDocker } from "../integration/docker-engine.ts";
import type { BenchPlace } from "./main.ts";
import { formatTimings, measure } from "./measure.ts";

const SERVICES = Array.from({ length: 20 }, (_, index) => `s${index}`);
const COMPOSITIONS = 200;
const FORMS = ["typescript", "python", "files"] as const;

export async function benchCompose({ root, print }: BenchPlace): Promise<void> {
  const missing = await dockerMissing();
  if (missing !== undefined) return print(`compose: skipped: ${missing}`);
  const parent = mkdtempSync(join(tmpdir(), "compose-bench-"));
  await using docker = await startDocker();
  try {
    await docker.loadBusybox();
    const repository = join(parent, "repository");
    generate(repository);
    const { CI: _ci, MZ_ROOT: _root, BUILDKIT_HOST: _host, ...inherited } = process.env;
    const env = { ...inherited, ...docker.env, MZ_QUIET: "1", XDG_CACHE_HOME: join(parent, "cache") };
    const mzcompose = (form: string, ...args: readonly string[]): string =>
      execFileSync(join(root, "bin/mzcompose"), args, {
        cwd: join(repository, "compositions", form),
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    const compose = (...args: readonly string[]) =>
      execFileSync("docker", ["compose", "-f", join(parent, "rendered.yml"), "-p", "files", ...args], {
        env,
        stdio: "ignore",
      });
    for (const form of FORMS) mzcompose(form, "--project-name", "files", "up", "-d");
    writeFileSync(join(parent, "rendered.yml"), mzcompose("files", "config"));
    const subjects = (...args: readonly string[]) => [
      { name: "docker compose", run: () => void compose(...args) },
      ...FORMS.map((form) => ({ name: form, run: () => void mzcompose(form, "--project-name", form, ...args) })),
    ];
    for (const [title, args, limitMs] of [
      ["ps", ["ps"], 100],
      ["up -d of 20 services that are up", ["up", "-d"], 300],
    ] as const) {
      for (const form of FORMS) mzcompose(form, "--project-name", form, "up", "-d");
      const timings = await measure(subjects(...args), { rounds: 9, warmups: 2 });
      print(formatTimings(title, timings, "docker compose"));
      const peer = timings[0]?.medianMs ?? Number.NaN;
      const more = timings.slice(1).map(({ name, medianMs }) => `${name} ${Math.round(medianMs - peer)} ms`);
      print(`  more than docker compose, of at most ${limitMs} ms: ${more.join(", ")}\n`);
    }
    const discovery = await measure(
      [
        { name: "git ls-files", run: () => void execFileSync("git", ["ls-files"], { cwd: repository }) },
        { name: "node alone", run: () => void execFileSync(process.execPath, ["-e", "0"]) },
        { name: "list-compositions", run: () => void mzcompose("typescript", "list-compositions") },
        { name: "--find, list-workflows", run: () => void mzcompose("typescript", "--find", "c7", "list-workflows") },
      ],
      { rounds: 9 },
    );
    print(formatTimings(`${COMPOSITIONS} compositions`, discovery, "node alone"));
    for (const form of FORMS) mzcompose(form, "--project-name", form, "down");
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** Three compositions of twenty services each, one in each form, and two hundred others. */
function generate(root: string): void {
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  write("mzbuild-settings.yml", "profile: dev\n");
  write("images/tool/mzbuild.yml", "name: tool\n");
  write("images/tool/Dockerfile", 'FROM busybox\nCMD ["sleep", "infinity"]\n');
  const config = '{ "mzbuild": "tool", "init": True }';
  write(
    "compositions/python/mzcompose.py",
    `"""Twenty services."""\nfrom materialize.mzcompose.service import Service\n\nSERVICES = [\n${SERVICES.map((name) => `    Service("${name}", ${config}),\n`).join("")}]\n`,
  );
  write(
    "compositions/typescript/mzcompose.ts",
    `/** Twenty services. */\nimport { Service } from "mzbuild/compose";\n\nexport const services = [\n${SERVICES.map((name) => `  Service("${name}", { mzbuild: "tool", init: true }),\n`).join("")}];\n`,
  );
  write(
    "compositions/files/compose.yml",
    `# Twenty services.\nservices:\n${SERVICES.map((name) => `  ${name}: {mzbuild: tool, init: true}\n`).join("")}`,
  );
  for (let index = 0; index < COMPOSITIONS; index++) {
    write(
      `test/group-${index % 10}/c${index}/mzcompose.py`,
      `"""Composition ${index}.\n\nMore of it.\n"""\n\nSERVICES = []\n`,
    );
  }
  const git = (...args: readonly string[]) =>
    execFileSync("git", args, { cwd: root, env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" } });
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=b", "-c", "user.email=b@example.invalid", "commit", "--quiet", "--message", "all");
}
