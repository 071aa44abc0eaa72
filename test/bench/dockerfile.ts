/**
 * Parse, compile, marshal and digest: ours against the Go function it reproduces, in the same run, on the conformance cases
 * and on generated Dockerfiles.
 *
 *     npm run bench dockerfile
 *
 * Warm: the median of many rounds in one process, for both. Fresh: a process per file, from its start to its answer.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Answer,
  compileDockerfile,
  type ImageLookup,
  lookupKey,
  parseBuildOptions,
  parseDockerfile,
} from "../../frontend/dockerfile/index.ts";
import { linux, marshal } from "../../llb/index.ts";
import { buildOracle } from "../fuzz/oracle-process.ts";

const cases = join(import.meta.dirname, "../testdata/conformance/cases");
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Microseconds by the name of a file. */
type Times = ReadonlyMap<string, number>;

/** Prints the times and their ratios; below 1 ours is the faster one. `dump` is the path of the built llb-dump. */
export function benchDockerfile(dump: string | undefined, print: (line: string) => void): void {
  const oracle = buildOracle();
  if (oracle === undefined) {
    print("skipped: there is no Go to build BuildKit's frontend with");
    return;
  }
  const generated = mkdtempSync(join(tmpdir(), "dockerfile-bench-"));
  try {
    writeGenerated(generated);
    compare("conformance cases", cases, 40, oracle, print);
    for (const name of readdirSync(generated)) {
      const folder = join(generated, name);
      // The Go function takes seconds for the large ones.
      const rounds = ["10000-instructions", "1000-stages"].includes(name) ? 1 : 40;
      compare(name, folder, rounds, oracle, print);
    }
    if (dump !== undefined) compareFresh(dump, oracle, join(generated, "100-instructions/file"), print);
  } finally {
    rmSync(generated, { recursive: true });
  }
}

/** Medians over the files that both can compile without a gateway. */
function compare(title: string, folder: string, rounds: number, oracle: string, print: (line: string) => void): void {
  const theirs = oracleTimes(oracle, folder, rounds);
  const ours = new Map([...theirs.keys()].map((name) => [name, ourTime(join(folder, name), rounds)]));
  const names = [...theirs.keys()].filter((name) => ours.get(name) !== undefined);
  const ratios = names.map((name) => (ours.get(name) ?? 0) / (theirs.get(name) ?? 1));
  const sum = (times: ReadonlyMap<string, number | undefined>) =>
    names.reduce((total, name) => total + (times.get(name) ?? 0), 0);
  const worst = Math.max(...ratios).toFixed(2);
  print(
    `${title}: ${names.length} files, ours ${Math.round(sum(ours))} us, Go ${Math.round(sum(theirs))} us, ` +
      `ratio ${(sum(ours) / sum(theirs)).toFixed(2)} (median of files ${median(ratios).toFixed(2)}, worst ${worst})`,
  );
}

function oracleTimes(oracle: string, folder: string, rounds: number): Times {
  const output = execFileSync(oracle, ["--bench", folder, "-n", String(rounds)], { encoding: "utf8" });
  const lines = output.matchAll(/^(\S+)\s+\d+ bytes\s+\d+ ops\s+median\s+(\d+) us/gm);
  return new Map([...lines].map(([, name = "", time = ""]) => [name, Math.max(1, Number(time))]));
}

/** The median; undefined for a file that needs more than images. */
function ourTime(folder: string, rounds: number): number | undefined {
  const { opts = {} } = readRequest(folder);
  const data = readFileSync(join(folder, opts["filename"] ?? "Dockerfile"));
  const relevant = Object.entries(opts).filter(([key]) => key === "target" || key.startsWith("build-arg:"));
  const compiled = () => compileFile(data, Object.fromEntries(relevant));
  try {
    // Warm: as the Go program is when its turn comes.
    for (let round = 0; round < rounds / 2; round++) compiled();
    const times = Array.from({ length: rounds }, () => {
      const started = performance.now();
      compiled();
      return (performance.now() - started) * 1000;
    });
    return median(times);
  } catch {
    return undefined;
  }
}

function compileFile(data: Uint8Array, opts: Readonly<Record<string, string>>): void {
  const solver = { platforms: [linux("amd64")], supports: () => true };
  const parsed = parseDockerfile(data);
  const options = {
    build: parseBuildOptions(opts, solver),
    targetPlatform: undefined,
    mainContext: { kind: "local", name: "context", excludePatterns: [] },
    opts,
    sessionId: "bench",
    source: { filename: "Dockerfile", language: "Dockerfile", data, origin: undefined },
    supports: solver.supports,
  } as const;
  const known = new Map<string, Answer>();
  for (;;) {
    const round = compileDockerfile(parsed, options, known);
    if (round.kind === "done") {
      marshal(round.output);
      return;
    }
    for (const lookup of round.lookups) {
      if (lookup.kind !== "image") throw new Error("needs more than images");
      known.set(lookupKey(lookup), imageAnswer(lookup));
    }
  }
}

function imageAnswer({ reference }: ImageLookup): Answer {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Env: [`PATH=${defaultPath}`] },
    rootfs: { type: "layers", diff_ids: [`sha256:${"1".repeat(64)}`] },
  });
  return { kind: "image", reference, digest: `sha256:${"2".repeat(64)}`, config };
}

function compareFresh(dump: string, oracle: string, folder: string, print: (line: string) => void): void {
  const time = (program: string, args: readonly string[]) =>
    median(
      Array.from({ length: 9 }, () => {
        const started = performance.now();
        execFileSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
        return performance.now() - started;
      }),
    );
  const ours = time(process.execPath, [dump, "--case", folder]);
  const theirs = time(oracle, ["--case", folder]);
  const bare = time(process.execPath, ["-e", "0"]);
  print(
    `fresh process, 100 instructions: ours ${ours.toFixed(0)} ms (node alone ${bare.toFixed(0)} ms), Go ${theirs.toFixed(0)} ms, ratio ${(ours / theirs).toFixed(2)}`,
  );
}

function writeGenerated(root: string): void {
  for (const count of [10, 100, 1000, 10_000]) {
    writeCase(join(root, `${count}-instructions`, "file"), `FROM debian:trixie\n${instructions(count)}`);
  }
  const stages = Array.from({ length: 1000 }, (_, index) => {
    const copy = index === 0 ? "" : `COPY --from=stage${index - 1} /out /in${index}\n`;
    return `FROM debian:trixie AS stage${index}\nENV S=${index}\nRUN make $S\n${copy}`;
  });
  writeCase(join(root, "1000-stages", "file"), stages.join(""));
}

function instructions(count: number): string {
  const kinds = [
    (index: number) => `ENV VAR${index % 50}="value $VAR${(index + 1) % 50} of ${index}"`,
    (index: number) => `RUN apt-get install -y package${index} && \\\n    make -C /src/$VAR${index % 50}`,
    (index: number) => `COPY --chown=1000:1000 src/file${index} /app/dir${index}/`,
    (index: number) => `WORKDIR /app/dir${index}`,
    (index: number) => `LABEL key${index % 20}="value ${index}"`,
    (index: number) => `RUN --mount=type=cache,target=/cache,sharing=locked tool --number ${index}`,
  ];
  return Array.from({ length: count }, (_, index) => `${kinds[index % kinds.length]?.(index)}\n`).join("");
}

function writeCase(folder: string, dockerfile: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
}

function readRequest(folder: string): { readonly opts?: Readonly<Record<string, string>> } {
  const path = join(folder, "request.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
