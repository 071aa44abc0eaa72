// The main path, whole: the example repository, by the command, on a real engine.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GitRepository } from "../mzbuild/git-repository.ts";
import { privateEngine } from "./engine.ts";
import { buildLog, type CommandLine, commandLine, edit, tourRepository } from "./mzimage.ts";
import { testRegistry } from "./registry.ts";

const arm = process.arch === "arm64";
const [here, there] = arm ? (["arm64", "amd64"] as const) : (["amd64", "arm64"] as const);
const CARGO_BUILD = `[cargo] build billing-demo (optimized/${arm ? "aarch64" : "x86_64"})`;
/** e_machine in the head of a program: EM_X86_64, EM_AARCH64. */
const elfMachine = { amd64: 62, arm64: 183 } as const;

let tour: GitRepository;
let cli: CommandLine;
beforeAll(async () => {
  tour = tourRepository();
  cli = await commandLine();
});
afterAll(() => {
  tour[Symbol.dispose]();
  cli[Symbol.dispose]();
});

/** Runs a command that has to succeed. */
async function succeed(...args: readonly string[]) {
  const outcome = await cli.run(tour.root, args);
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  return outcome;
}

/** What a run of fancy-loadgen does besides printing its load. */
async function runLoadgen() {
  const { stderr, stdout } = await succeed("run", "--progress=rawjson", "fancy-loadgen", "--bills=10");
  return { ...buildLog(stderr), load: /^10 bills over (\S+) /.exec(stdout)?.[1] };
}

describe("names of images", () => {
  test("are listed in the order of their directories", async () => {
    const { stdout } = await succeed("list");
    expect(stdout).toBe("ci-builder\nprice-list\nubuntu-base\nbilling-demo\nfancy-loadgen\n");
  });

  test("come with all that is known of the images as JSON", async () => {
    const entries = JSON.parse((await succeed("list", "--json")).stdout);
    const { stdout: fingerprint } = await succeed("fingerprint", "price-list");
    expect(entries[1]).toEqual({
      name: "price-list",
      path: "misc/images/price-list",
      description: "The prices that bills are made of, kept outside of any image.",
      publish: true,
      mainline: true,
      fingerprint: fingerprint.trimEnd(),
      spec: `price-list:mzbuild-${fingerprint.trimEnd()}`,
      dependencies: ["ubuntu-base"],
      inputs: [
        "misc/images/price-list/.gitignore",
        "misc/images/price-list/Dockerfile",
        "misc/images/price-list/mzbuild.yml",
        "misc/prices/reduced.csv",
        "misc/prices/standard.csv",
      ],
    });
    expect(entries.map(({ publish }: { publish: boolean }) => publish)).toEqual([false, true, true, true, true]);
  });

  test("lead to fingerprints, which are the same from wherever one asks", async () => {
    const { stdout } = await succeed("fingerprint", "fancy-loadgen");
    expect(stdout).toMatch(/^[A-Z2-7]{32}\n$/);
    const below = join(tour.root, "src/rates");
    const asked = [
      cli.run(below, ["fingerprint", "fancy-loadgen"]),
      cli.run(cli.home, ["-C", tour.root, "fingerprint", "fancy-loadgen"]),
      cli.run(cli.home, ["-C", tour.root, "-C", "src", "fingerprint", "fancy-loadgen"]),
      cli.run(cli.home, ["--root", tour.root, "fingerprint", "fancy-loadgen"]),
      cli.run(cli.home, ["fingerprint", "fancy-loadgen"], { env: { MZ_ROOT: tour.root } }),
    ];
    for (const answer of asked) expect(await answer).toEqual({ exitCode: 0, stdout, stderr: "" });
  });

  test("lead to specs, which name registry, prefix and fingerprint", async () => {
    const { stdout: fingerprint } = await succeed("fingerprint", "--arch=aarch64", "--release", "billing-demo");
    const variant = ["--arch", "aarch64", "--release", "billing-demo"];
    expect((await succeed("spec", ...variant)).stdout).toBe(`billing-demo:mzbuild-${fingerprint}`);
    const naming = ["--image-registry=ghcr.io/acme", "--image-prefix=my-"];
    expect((await succeed("spec", ...naming, ...variant)).stdout).toBe(
      `ghcr.io/acme/my-billing-demo:mzbuild-${fingerprint}`,
    );
  });

  test("are described by inputs and dependencies", async () => {
    const { stdout: fingerprint } = await succeed("fingerprint", "price-list");
    expect((await succeed("describe", "price-list")).stdout).toBe(`\
Image: price-list
Fingerprint: ${fingerprint}\
Input files:
    misc/images/price-list/.gitignore
    misc/images/price-list/Dockerfile
    misc/images/price-list/mzbuild.yml
    misc/prices/reduced.csv
    misc/prices/standard.csv
Dependencies:
    ubuntu-base
`);
    const { stdout } = await succeed("describe", "--transitive", "fancy-loadgen");
    expect(stdout).toContain("    src/rates/plans.csv\n");
    expect(stdout.split("Dependencies:\n")[1]).toBe("    billing-demo\n    ubuntu-base\n");
    expect((await succeed("describe", "ubuntu-base")).stdout).toMatch(/Dependencies:\n {4}\(none\)\n$/);
  });
});

describe("mzimage run", () => {
  test("builds all that an image needs, says on which engine, and runs it", async () => {
    const { stdout, stderr } = await succeed("run", "fancy-loadgen");
    expect(stdout).toMatch(/^10000 bills over 1654740\.24 in \d+\.\d\d s: \d+ bills a second\n$/);
    expect(stderr).toMatch(/^engine: BuildKit v\S+ at \S+ \(from BUILDKIT_HOST\)$/m);
  });

  test("does nothing the second time but to run it", async () => {
    const { ran, cached } = await runLoadgen();
    expect(ran).toEqual(new Set());
    expect(cached).toContain(CARGO_BUILD);
  });

  test("hands arguments on, whatever they look like", async () => {
    const args = ["a b", "--progress=tty", "--", "", "$HOME", "ü"];
    const { stdout } = await succeed("run", "ubuntu-base", "printf", "<%s>", ...args);
    expect(stdout).toBe("<a b><--progress=tty><--><><$HOME><ü>");
  });

  test("gives the image's own command where there are no arguments, and its entrypoint always", async () => {
    expect((await succeed("run", "price-list")).stdout).toBe(tourFile("misc/prices/standard.csv"));
    const { stdout } = await succeed("run", "billing-demo", "--count", "2", "--seed", "7");
    const bills = stdout.trimEnd().split("\n");
    expect(bills.map((line) => JSON.parse(line).number)).toEqual([1, 2]);
  });

  test("ends with the exit code of what it ran, and keeps its output apart", async () => {
    const script = "echo out; echo err >&2; exit 42";
    const { exitCode, stdout, stderr } = await cli.run(tour.root, ["run", "ubuntu-base", "sh", "-c", script]);
    expect([exitCode, stdout]).toEqual([42, "out\n"]);
    expect(stderr).toMatch(/\nerr\n$/);
    const refused = await cli.run(tour.root, ["run", "--progress=quiet", "billing-demo", "--nope"]);
    expect([refused.exitCode, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(/--nope/);
  });

  test("hands on its input, byte for byte, and its end", async () => {
    const input = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251));
    const outcome = await cli.start(tour.root, ["run", "--progress=quiet", "ubuntu-base", "cat"], {
      stdin: "pipe",
      input,
      encoding: "buffer",
    });
    expect(outcome.exitCode).toBe(0);
    expect(Buffer.compare(input, Buffer.from(outcome.stdout as Uint8Array))).toBe(0);
  });
});

/** Edits must be new to the engine, which may remember those of an earlier run of the tests. */
const never = Date.now();

describe("after an edit, only what depends on it is built", () => {
  test("of a script: the image that has it, from there on", async () => {
    edit(tour, "test/fancy/loadgen/loadgen.py", "bills over", `bills over {${never}} and`);
    const { ran, output } = await runLoadgen();
    expect(ran).toEqual(
      new Set([
        "[fancy-loadgen] gather context",
        "[fancy-loadgen stage-1 3/3] COPY loadgen.py /usr/local/bin/fancy-loadgen",
      ]),
    );
    expect(output).toBe("");
    edit(tour, "test/fancy/loadgen/loadgen.py", ` {${never}} and`, "");
  });

  test("of a leaf crate: its program, by compiling nothing else, and the images that have the program", async () => {
    const original = await runLoadgen();
    // So that cargo has worked in this place before: an engine that remembers the build as it was needs no cargo for it.
    edit(tour, "src/rates/plans.csv", "small,12", `small,${never}`);
    const before = await runLoadgen();
    edit(tour, "src/rates/plans.csv", `small,${never}`, `small,${never + 1}`);
    const { ran, output, load } = await runLoadgen();
    expect(ran).toEqual(
      new Set([
        CARGO_BUILD,
        "[billing-demo] take what cargo built",
        "[billing-demo] gather context",
        "[billing-demo 1/1] COPY billing-demo /usr/local/bin/",
        "[fancy-loadgen stage-1 2/3] COPY --from=billing-demo /usr/local/bin/billing-demo /usr/local/bin/",
        "[fancy-loadgen stage-1 3/3] COPY loadgen.py /usr/local/bin/fancy-loadgen",
      ]),
    );
    expect(output.match(/(?<=Compiling )\S+/g)).toEqual(["rates", "billing-demo"]);
    expect(load).not.toBe(before.load);
    edit(tour, "src/rates/plans.csv", `small,${never + 1}`, "small,12");
    expect(await runLoadgen()).toMatchObject({ ran: new Set(), load: original.load });
  });

  test("of a Dockerfile: the image, and those that are built upon it", async () => {
    await succeed("build", "price-list");
    edit(tour, "misc/images/price-list/Dockerfile", "COPY", `RUN echo ${never}\nCOPY`);
    const rebuilt = buildLog((await succeed("build", "--progress=rawjson", "price-list", "fancy-loadgen")).stderr);
    expect(rebuilt.ran).toEqual(
      new Set([
        "[price-list] gather context",
        `[price-list 1/2] RUN echo ${never}`,
        "[price-list 2/2] COPY prices/misc/prices/ /usr/share/prices/",
      ]),
    );
  });
});

describe("mzimage build", () => {
  test("takes several images at once", async () => {
    const { stdout, stderr } = await succeed("build", "--progress=rawjson", "fancy-loadgen", "price-list");
    expect(stdout).toBe("");
    expect([...buildLog(stderr).cached]).toEqual(
      expect.arrayContaining([
        "[fancy-loadgen stage-1 3/3] COPY loadgen.py /usr/local/bin/fancy-loadgen",
        "[price-list 2/2] COPY prices/misc/prices/ /usr/share/prices/",
      ]),
    );
  });

  test("writes a program for the other processor into a directory", async () => {
    const dest = join(cli.home, there);
    await succeed("build", `--platform=linux/${there}`, "--output", `type=local,dest=${dest}`, "billing-demo");
    const header = readFileSync(join(dest, "usr/local/bin/billing-demo")).subarray(0, 20);
    expect([header.toString("latin1", 0, 4), header.readUInt16LE(18)]).toEqual(["\x7fELF", elfMachine[there]]);
  });

  test("writes an OCI archive, relative to where it is started", async () => {
    const output = ["--output", "type=oci,dest=one.tar"];
    const { exitCode, stderr } = await cli.run(cli.home, ["-C", tour.root, "build", ...output, "billing-demo"]);
    expect(exitCode, stderr).toBe(0);
    const archive = ociArchive(join(cli.home, "one.tar"));
    const [image] = archive.index.manifests;
    const manifest = archive.blob(image.digest);
    expect(archive.blob(manifest.config.digest)).toMatchObject({
      os: "linux",
      architecture: here,
      config: { Entrypoint: ["billing-demo"], Env: expect.arrayContaining(["LANG=C.UTF-8"]) },
    });
  });

  test("writes one index for several platforms", async () => {
    const dest = join(cli.home, "both.tar");
    await succeed("build", "--platform=linux/amd64,linux/arm64", `--output=type=oci,dest=${dest}`, "billing-demo");
    const archive = ociArchive(dest);
    const index = archive.blob(archive.index.manifests[0].digest);
    const platforms = index.manifests.map(({ platform }: { platform: object }) => platform);
    expect(platforms).toEqual([
      { os: "linux", architecture: "amd64" },
      { os: "linux", architecture: "arm64" },
    ]);
    const configs = index.manifests.map(({ digest }: { digest: string }) =>
      archive.blob(archive.blob(digest).config.digest),
    );
    expect(configs.map(({ architecture }: { architecture: string }) => architecture)).toEqual(["amd64", "arm64"]);
  });

  test("writes an archive for docker load, with a name", async () => {
    const dest = join(cli.home, "docker.tar");
    await succeed("build", `--output=type=docker,name=price-list:test,dest=${dest}`, "price-list");
    const [entry] = JSON.parse(inArchive(dest, "manifest.json"));
    expect(entry.RepoTags).toEqual(["price-list:test"]);
    expect(JSON.parse(inArchive(dest, entry.Config)).config.Cmd).toEqual(["cat", "/usr/share/prices/standard.csv"]);
  });
});

describe("a registry", () => {
  test("that has images saves building them, and what they were built from", async ({ skip }) => {
    await using registry = await testRegistry();
    if (registry === undefined) return skip("no registry can be had");
    const settings = tourFile("mzbuild-settings.yml");
    tour.write({ "mzbuild-settings.yml": `registry: ${registry.host}/tour\n${settings}` });
    const specOf = async (name: string) => (await succeed("spec", name)).stdout.trimEnd();
    const [base, prices] = [await specOf("ubuntu-base"), await specOf("price-list")];
    expect(base).toMatch(new RegExp(`^${registry.host}/tour/ubuntu-base:mzbuild-[A-Z2-7]{32}$`));
    await succeed("build", `--output=type=registry,name=${base}`, "ubuntu-base");
    await succeed("build", `--output=type=image,push=true,name=${prices}`, "price-list");

    // An engine that knows nothing yet, so that whatever it has is from the registry.
    await using engine = await privateEngine();
    using fresh = await commandLine(engine.address);
    const run = (...args: readonly string[]) => fresh.run(tour.root, args);
    const reused = await run("run", "price-list");
    expect(reused.stdout, reused.stderr).toBe(tourFile("misc/prices/standard.csv"));
    expect(reused.stderr).toContain(`price-list is in the registry: ${prices}\n`);

    edit(tour, "misc/prices/standard.csv", "compute,hour,120", "compute,hour,121");
    const { stdout, stderr } = await run("run", "--progress=rawjson", "price-list");
    expect(stdout, stderr).toBe(tour.git("show", ":misc/prices/standard.csv").replace("120", "121"));
    const { ran } = buildLog(stderr);
    expect([...ran].map((name) => name.replace(/(?<=FROM ).*/, "…")).sort()).toEqual([
      "[price-list 1/3] FROM …",
      `[price-list 2/3] RUN echo ${never}`,
      "[price-list 3/3] COPY prices/misc/prices/ /usr/share/prices/",
      "[price-list] copy . to prices",
      "[price-list] gather context",
    ]);
  });

  test("that doesn't answer is a warning, and all is built", async () => {
    const { stderr } = await succeed("build", "--image-registry=127.0.0.1:1/tour", "ubuntu-base");
    expect(stderr).toMatch(
      /^warning: the registry can't be asked, so images are built: .*127\.0\.0\.1:1: connect: connection refused$/m,
    );
  });
});

function ociArchive(file: string) {
  return {
    index: JSON.parse(inArchive(file, "index.json")),
    blob: (digest: string) => JSON.parse(inArchive(file, `blobs/${digest.replace(":", "/")}`)),
  };
}

function inArchive(file: string, path: string): string {
  return execFileSync("tar", ["-xOf", file, path], { encoding: "utf8" });
}

function tourFile(path: string): string {
  return readFileSync(join("examples/tour", path), "utf8");
}
