import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProgressEvent } from "../../client/index.ts";
import { sourcepolicy } from "../../proto/index.ts";
import { gitRepository } from "../mzbuild/git-repository.ts";
import { type AskOptions, type FrontendClient, frontendClient, shop, specOnClient } from "./frontend-request.ts";
import { hostRootfs } from "./host-rootfs.ts";

let frontend: FrontendClient;
let rootfs: string;
beforeAll(async () => {
  frontend = await frontendClient();
  rootfs = mkdtempSync(join(tmpdir(), "frontend-rootfs-"));
  await hostRootfs(rootfs, ["sh", "cat", "ls", "grep"]);
});
afterAll(async () => {
  await frontend[Symbol.asyncDispose]();
  rmSync(rootfs, { recursive: true });
});

/** What a build does, and says. */
async function watched(
  place: { readonly root: string },
  file: string,
  attrs: Readonly<Record<string, string>> = {},
  options: AskOptions = {},
) {
  const events: ProgressEvent[] = [];
  const response = await frontend.build(place, file, attrs, { ...options, onProgress: (event) => events.push(event) });
  const steps = new Map(events.flatMap((event) => (event.kind === "vertex" ? [[event.name, event]] : [])));
  const warnings = events.flatMap((event) => (event.kind === "warning" ? [event] : []));
  return { response, steps, warnings };
}

const careless = {
  ...shop,
  "base/Dockerfile": "FROM scratch AS files\nCOPY os /\nFROM files\nENV COLOUR=red\n",
  "apps/till/Dockerfile": `ARG UNUSED=1
MZFROM base as till
MAINTAINER me
ARG WHO=nobody
ENV HELLO=$WHO$COLOUR
COPY data /data
FROM till AS last
# The shell.
ARG DEPTH=2
COPY till /bin/
`,
};

describe("a sub-request about an image of a repository", () => {
  test.each(["apps/till/Dockerfile", "apps/till/mzbuild.yml"])("checks its Dockerfile, by %s", async (file) => {
    using repository = gitRepository(careless);
    const found = await frontend.subrequest(repository, file, "frontend.lint");
    const { warnings, sources, buildError } = JSON.parse(found["result.json"] ?? "");
    expect(buildError).toBe(undefined);
    expect(warnings.map(({ ruleName }: { ruleName: string }) => ruleName)).toEqual([
      "FromAsCasing",
      "MaintainerDeprecated",
    ]);
    expect(Buffer.from(sources[0].data, "base64").toString()).toBe(careless["apps/till/Dockerfile"]);
    expect(found["result.txt"]).toContain("apps/till/Dockerfile:2");
    expect(found["result.statuscode"]).toBe("1");
  });

  test("tells a mistake of the Dockerfile as a finding", async () => {
    using repository = gitRepository({ ...shop, "apps/till/Dockerfile": "MZFROM base\nCOPPY a b\n" });
    const found = await frontend.subrequest(repository, "apps/till/mzbuild.yml", "frontend.lint");
    expect(JSON.parse(found["result.json"] ?? "").buildError.message).toContain("unknown instruction: COPPY");
  });

  test("lists targets", async () => {
    using repository = gitRepository(careless);
    const { "result.json": json = "" } = await frontend.subrequest(
      repository,
      "apps/till/mzbuild.yml",
      "frontend.targets",
    );
    expect(JSON.parse(json).targets).toMatchObject([
      { name: "till", base: "base" },
      { name: "last", base: "till", default: true },
    ]);
  });

  test("outlines what it takes", async () => {
    using repository = gitRepository(careless);
    const { "result.json": json = "" } = await frontend.subrequest(
      repository,
      "apps/till/Dockerfile",
      "frontend.outline",
    );
    const { name, args } = JSON.parse(json);
    expect([name, args.map(({ name }: { name: string }) => name)]).toEqual(["last", ["WHO", "DEPTH"]]);
  });

  test("converts it to LLB, with what it is built on", async () => {
    using repository = gitRepository(careless);
    const { "result.json": json = "" } = await frontend.subrequest(
      repository,
      "apps/till/Dockerfile",
      "frontend.convertllb",
    );
    const names = Object.values(JSON.parse(json).metadata).map((entry) => JSON.stringify(entry));
    expect(names).toContainEqual(expect.stringContaining("[base files 1/1] COPY os /"));
    expect(names).toContainEqual(expect.stringContaining("COPY data /data"));
  });

  test("describes what can be asked", async () => {
    using repository = gitRepository(careless);
    const { "result.txt": text } = await frontend.subrequest(
      repository,
      "apps/till/mzbuild.yml",
      "frontend.subrequests.describe",
    );
    expect(text).toContain("outline");
  });
});

describe("options of a build", () => {
  test("findings of the image's own Dockerfile are warnings, with its lines", async () => {
    using repository = gitRepository(careless);
    const { warnings } = await watched(repository, "apps/till/mzbuild.yml");
    expect(warnings.map(({ message }) => message).sort()).toEqual([
      "FromAsCasing: 'as' and 'MZFROM' keywords' casing do not match (line 2)",
      "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 3)",
    ]);
  });

  test("--target builds a stage of it, which is not the image", async () => {
    using repository = gitRepository(careless);
    const whole = await watched(repository, "apps/till/Dockerfile");
    const { response, steps } = await watched(repository, "apps/till/Dockerfile", { target: "till" });
    expect(response["frontend.mzbuild.spec"]).toBe(undefined);
    expect(response["containerimage.config.digest"]).not.toBe(whole.response["containerimage.config.digest"]);
    expect([...steps.keys()].filter((name) => name.includes("COPY till /bin/"))).toEqual([]);
    const { message } = await frontend.failure(repository, "apps/till/Dockerfile", { target: "tll" });
    expect(message).toContain('target stage "tll" could not be found');
  });

  test("--no-cache-filter names stages, or whole images", async () => {
    using repository = gitRepository(careless);
    const cachedSteps = async (filter: string) => {
      const { steps } = await watched(repository, "apps/till/Dockerfile", { "no-cache": filter });
      return [...steps].filter(([, { cached }]) => cached).map(([name]) => name);
    };
    await watched(repository, "apps/till/Dockerfile");
    expect(await cachedSteps("last")).toContainEqual(expect.stringContaining("COPY data /data"));
    expect(await cachedSteps("till")).not.toContainEqual(expect.stringContaining("COPY data /data"));
    expect(await cachedSteps("till")).toContainEqual(expect.stringContaining("[base files 1/1] COPY os /"));
    expect(await cachedSteps("base")).not.toContainEqual(expect.stringContaining("[base files 1/1] COPY os /"));
  });

  const checking = (command: string) => ({
    ...shop,
    "base/Dockerfile": `FROM rootfs\nENV PATH=/bin\nRUN ${command}\n`,
    "apps/till/Dockerfile": `MZFROM base\nRUN ${command}\n`,
  });

  test("hosts, limits, network and host name hold for every image of the graph", async () => {
    const command =
      'grep -q "10.9.8.7.*till.example" /etc/hosts && test "$(ulimit -n)" = 77 && test "$(cat /proc/sys/kernel/hostname)" = shop' +
      ' && ! grep -q eth0 /proc/net/dev && grep -q " /dev/shm .*size=1024k" /proc/mounts';
    using repository = gitRepository(checking(command));
    const attrs = {
      "context:rootfs": "local:rootfs",
      "add-hosts": "till.example=10.9.8.7",
      ulimit: "nofile=77:77",
      hostname: "shop",
      "force-network-mode": "none",
      "shm-size": "1048576",
    };
    const response = await frontend.build(repository, "apps/till/Dockerfile", attrs, { directories: { rootfs } });
    expect(response["frontend.mzbuild.spec"]).toMatch(/^shop-till:mzbuild-/);
  });

  test("build arguments and SOURCE_DATE_EPOCH hold for every image, labels for the one that is asked for", async () => {
    const files = checking('test "$GREETING" = hello');
    using repository = gitRepository({
      ...files,
      "base/Dockerfile": files["base/Dockerfile"].replace("RUN", "ARG GREETING\nRUN"),
      "apps/till/Dockerfile": files["apps/till/Dockerfile"].replace("RUN", "ARG GREETING\nRUN"),
    });
    const attrs = {
      "context:rootfs": "local:rootfs",
      "build-arg:GREETING": "hello",
      "build-arg:SOURCE_DATE_EPOCH": "1700000000",
      "label:kind": "till",
    };
    const first = await frontend.build(repository, "apps/till/Dockerfile", attrs, { directories: { rootfs } });
    const again = await frontend.build(repository, "apps/till/Dockerfile", attrs, { directories: { rootfs } });
    expect(again["containerimage.digest"]).toBe(first["containerimage.digest"]);
    const other = { ...attrs, "label:kind": "other" };
    expect(first["frontend.mzbuild.spec"]).toBe(undefined);
    const labelled = await frontend.build(repository, "apps/till/Dockerfile", other, { directories: { rootfs } });
    expect(labelled["containerimage.config.digest"]).not.toBe(first["containerimage.config.digest"]);
  });

  test("an entitlement that a Dockerfile needs has to be given", async () => {
    using repository = gitRepository({ ...shop, "base/Dockerfile": "FROM rootfs\nRUN --network=host ls\n" });
    const attrs = { "context:rootfs": "local:rootfs" };
    const { message } = await frontend.failure(repository, "apps/till/Dockerfile", attrs, { directories: { rootfs } });
    expect(message).toContain("network.host is not allowed");
  });

  test("a source policy is obeyed", async () => {
    using repository = gitRepository({ ...shop, "base/Dockerfile": "FROM forbidden.example/base\n" });
    const rules = [
      {
        action: sourcepolicy.PolicyAction.DENY,
        selector: { identifier: "docker-image://forbidden.example/*", matchType: sourcepolicy.MatchType.WILDCARD },
      },
    ];
    const sourcePolicy = { version: 1, rules };
    const { message } = await frontend.failure(repository, "apps/till/Dockerfile", {}, { sourcePolicy });
    expect(message).toContain("denied by policy");
  });

  const refused: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ "build-arg:MZ_PROFIL": "dev" }, 'MZ_PROFIL is no option of the frontend (did you mean "MZ_PROFILE"?)'],
    [{ "build-arg:MZ_PROFILE": "deb" }, 'MZ_PROFILE names "deb", which is no profile (did you mean "dev"?)'],
    [{ "build-arg:MZ_SANITIZER": "adress" }, 'MZ_SANITIZER names "adress", which is no sanitizer'],
    [
      { "build-arg:MZ_IMAGE": "tll" },
      'MZ_IMAGE names tll, which the build context doesn\'t have (did you mean "till"?)',
    ],
    [{ "build-arg:MZ_REGISTRY_TIMEOUT": "soon" }, 'MZ_REGISTRY_TIMEOUT is "soon", which is no time'],
    [{ platform: "windows/amd64" }, "images of a repository are built for Linux, not windows"],
    [{ platform: "linux/s390x" }, 'images cannot be built for the architecture "s390x"'],
    [{ "image-resolve-mode": "never" }, "invalid image-resolve-mode: never"],
  ];

  test("that can't be right are refused, each with what is wrong", async () => {
    using repository = gitRepository(shop);
    const failures = await Promise.all(
      refused.map(([attrs]) => frontend.failure(repository, "apps/till/mzbuild.yml", attrs)),
    );
    expect(failures.map(({ message }) => message)).toEqual(
      refused.map(([, message]) => expect.stringContaining(message)),
    );
  });
});

test("a registry that says nothing is waited for no longer than told, then all is built", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const registry = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  try {
    using repository = gitRepository(shop);
    const attrs = { "build-arg:MZ_IMAGE_REGISTRY": registry, "build-arg:MZ_REGISTRY_TIMEOUT": "1" };
    const { response, warnings } = await watched(repository, "apps/till/Dockerfile", attrs);
    expect(response["frontend.mzbuild.spec"]).toBe(`${registry}/${await specOnClient(repository)}`);
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/can't be asked.*no answer within 1 s/),
    ]);
  } finally {
    silent.close();
  }
});

describe("a builder of Cargo programs that", () => {
  const cargo = {
    ...shop,
    "Cargo.toml": '[workspace]\nmembers = ["clock"]\nresolver = "3"\n',
    "Cargo.lock": 'version = 4\n\n[[package]]\nname = "clock"\nversion = "0.1.0"\n',
    "clock/Cargo.toml": '[package]\nname = "clock"\nversion = "0.1.0"\nedition = "2024"\n',
    "clock/src/main.rs": "fn main() {}\n",
    "apps/till/mzbuild.yml": "name: till\npre-image:\n  - type: cargo-build\n    bin: clock\n",
    "apps/till/Dockerfile": "MZFROM base\nCOPY clock /\n",
  };

  test("nobody names is asked for, at the step that needs it", async () => {
    using repository = gitRepository(cargo);
    const { message, places } = await frontend.failure(repository, "apps/till/Dockerfile");
    expect(message).toContain("nothing says in which image Cargo runs (name it in mzbuild-settings.yml");
    expect(places).toEqual(["apps/till/mzbuild.yml:3"]);
  });

  test("isn't there is told of, at the line that names it", async () => {
    const settings = "image-prefix: shop-\nbuilder: nowhere.invalid/rust:1\n";
    using repository = gitRepository({ ...cargo, "mzbuild-settings.yml": settings });
    const { message, places } = await frontend.failure(repository, "apps/till/mzbuild.yml");
    expect(message).toContain("nowhere.invalid/rust:1 can't be had");
    expect(places).toEqual(["mzbuild-settings.yml:2"]);
  });
});

test("a base whose registry can't be reached is told of, with what to do and the line", async () => {
  using repository = gitRepository({ ...shop, "base/Dockerfile": "# A base.\nFROM nowhere.invalid/base\n" });
  const { message, places } = await frontend.failure(repository, "apps/till/Dockerfile");
  expect(message).toContain("--build-context NAME=… gives the build another image for it");
  expect(places).toEqual(["base/Dockerfile:2"]);
  const attrs = { "context:nowhere.invalid/base": "local:rootfs" };
  await frontend.build(repository, "apps/till/Dockerfile", attrs, { directories: { rootfs } });
});
