// What cargo reaches: git, registries, sccache's storage; each the real program, and secrets only where they are wanted.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { State } from "../../llb/index.ts";
import { repositoryAt } from "../mzbuild/git-repository.ts";
import type { CargoOutcome } from "./cargo-builds.ts";
import { compiled, eachWithWorkshop, failureOf, manifest, small } from "./cargo-workshop.ts";

const workshop = eachWithWorkshop();

/** Serves the repositories of a workshop().directory on a free port. */
async function gitDaemon(base: string): Promise<AsyncDisposable & { readonly port: number }> {
  const port = await freePort();
  const options = ["--export-all", "--reuseaddr", "--listen=127.0.0.1", `--port=${port}`, "--verbose"];
  // Not by way of `git`, which would start it as a child that outlives it.
  const program = join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-daemon");
  const daemon = spawn(program, [...options, `--base-path=${base}`], { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(daemon, "close");
  await Promise.race([once(daemon.stderr, "data"), ended]);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      daemon.kill();
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("a git dependency", () => {
  test("is fetched, and compiled without network", async () => {
    const library = join(workshop().directory, "git", "Greet-Lib.git");
    mkdirSync(library, { recursive: true });
    const upstream = repositoryAt(library);
    upstream.git("init", "--quiet", "--initial-branch=main");
    upstream.write({
      "Cargo.toml": manifest("greet"),
      "src/lib.rs": 'pub fn text() -> &\'static str { "from git" }\n',
    });
    upstream.commit();
    const revision = upstream.git("rev-parse", "HEAD").trim();
    await using server = await gitDaemon(join(workshop().directory, "git"));
    const url = `git://127.0.0.1:${server.port}/Greet-Lib.git`;
    const git = workshop().checkout("work", {
      ...small,
      "Cargo.lock": `${small["Cargo.lock"]}dependencies = [\n "greet",\n]\n\n[[package]]\nname = "greet"\nversion = "0.1.0"\nsource = "git+${url}#${revision}"\n`,
      "src/two/Cargo.toml": manifest("two", `[dependencies]\ngreet = { git = "${url}" }\n`),
      "src/two/src/main.rs": 'fn main() { println!("{}", greet::text()) }\n',
    });
    // Cargo wants the packages of a lock file sorted.
    const [head, ...packages] = readFileSync(join(git.root, "Cargo.lock"), "utf8").split("[[package]]");
    git.write({ "Cargo.lock": [head, ...packages.map((text) => `${text.trimEnd()}\n\n`).sort()].join("[[package]]") });
    await workshop().built(git, ["two"]);
    expect(workshop().run("two")).toBe("from git\n");
  });
});

describe("a private registry", () => {
  test("is read with a token that is a secret, by the fetch alone", async () => {
    await using registry = await privateRegistry("s3cret");
    const index = `sparse+http://127.0.0.1:${registry.port}/`;
    const greet = `[[package]]\nname = "greet"\nversion = "0.1.0"\nsource = "${index}"\nchecksum = "${registry.checksum}"\n\n`;
    const git = workshop().checkout("work", {
      ...small,
      ".cargo/config.toml": `[registries.acme]\nindex = "${index}"\ncredential-provider = ["cargo:token"]\n`,
      "Cargo.lock": `${small["Cargo.lock"]!.replace("[[package]]", `${greet}[[package]]`)}dependencies = [\n "greet",\n]\n`,
      "src/two/Cargo.toml": manifest("two", '[dependencies]\ngreet = { version = "0.1.0", registry = "acme" }\n'),
      "src/two/src/main.rs": 'fn main() { println!("{}", greet::text()) }\n',
    });
    const access = { secrets: new Map([["CARGO_REGISTRIES_ACME_TOKEN", "acme"]]) };
    const value = (text: string) => new Map([["acme", { kind: "value", value: Buffer.from(text) } as const]]);
    const refused = await workshop().build(git, ["two"], { access, secrets: value("wrong") });
    expect(failureOf(refused)).toMatchObject({
      code: "fetch-failed",
      help: expect.stringContaining("tokens come from secrets"),
    });
    await workshop().built(git, ["two"], { access, secrets: value("s3cret") });
    expect(workshop().run("two")).toBe("from acme\n");
  });
});

/** A sparse registry with one crate, `greet`, for those who have the token. */
async function privateRegistry(token: string) {
  const source = join(workshop().directory, "greet-0.1.0");
  mkdirSync(join(source, "src"), { recursive: true });
  writeFileSync(join(source, "Cargo.toml"), manifest("greet"));
  writeFileSync(join(source, "src/lib.rs"), 'pub fn text() -> &\'static str { "from acme" }\n');
  const archive = execFileSync("tar", ["-C", workshop().directory, "-cz", "greet-0.1.0"]);
  const checksum = createHash("sha256").update(archive).digest("hex");
  const entry = { name: "greet", vers: "0.1.0", deps: [], cksum: checksum, features: {}, yanked: false };
  const server = createHttpServer(({ url, headers }, response) => {
    const files: Readonly<Record<string, string | Buffer>> = {
      "/config.json": JSON.stringify({ dl: `http://${headers.host}/dl`, "auth-required": true }),
      "/gr/ee/greet": JSON.stringify(entry),
      "/dl/greet/0.1.0/download": archive,
    };
    const file = files[url ?? ""];
    response.statusCode = headers.authorization !== token ? 401 : file === undefined ? 404 : 200;
    response.end(response.statusCode === 200 ? file : undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    checksum,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("sccache", () => {
  const env = { CARGO_INCREMENTAL: "0" };
  const access = { sccache: { env: new Map<string, string>(), secrets: new Map<string, string>() } };
  const withSccache = (): State =>
    workshop().engine.builder.run(
      ["/bin/sh", "-c", "apt-get update -qq && apt-get install -qq -y --no-install-recommends sccache"],
      { name: "sccache" },
    ).root;

  test("brings what another cache mount's build has compiled", async () => {
    // The cache is that of all runs of this test.
    const marked = ["src/one/src/main.rs", "src/lib/src/lib.rs", "src/lib/build.rs"].map((path) => [
      path,
      `${small[path]}// ${workshop().id}\n`,
    ]);
    const git = workshop().checkout("work", { ...small, ...Object.fromEntries(marked) });
    const builder = withSccache();
    const cold = await workshop().built(git, ["one"], { builder, access, env });
    expect(hits(cold)).toBe(0);
    git.write({ "src/one/src/main.rs": 'fn main() { println!("changed {}", lib::text()) }\n' });
    const elsewhere = await workshop().built(git, ["one"], { builder, access, env, id: `${workshop().id}-elsewhere` });
    expect([...compiled(elsewhere)].sort()).toEqual(["lib", "one"]);
    expect(hits(elsewhere)).toBeGreaterThan(0);
    expect(workshop().run("one")).toBe("changed lib A first note\n");
  });

  test("that has no such storage built in, as Debian's has no S3, is told of, and no reason to fail", async () => {
    const s3 = { sccache: { ...access.sccache, env: new Map([["SCCACHE_BUCKET", "cache"]]) } };
    const { log } = await workshop().built(workshop().checkout("work", small), ["two"], {
      builder: withSccache(),
      access: s3,
    });
    expect(log).toContain("doesn't know the storage of the settings");
    expect(workshop().run("two")).toBe("two A\n");
  });

  test("must be in the builder", async () => {
    const { log } = await workshop().build(workshop().checkout("work", small), ["two"], { access });
    expect(log).toContain("mzbuild: error[builder-without-sccache]");
  });
});

/** What sccache says of its hits at the end of the build; stubs, which come before, are those of all tests. */
function hits({ log }: CargoOutcome): number {
  const counts = [...log.matchAll(/^Cache hits +(\d+)$/gm)].map(([, count]) => Number(count));
  expect(counts).not.toEqual([]);
  return counts.at(-1) ?? 0;
}
