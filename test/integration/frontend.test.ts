import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  connectAddress,
  directoryTree,
  fileSyncService,
  openSession,
  type ProgressEvent,
  RpcClient,
  type Session,
  type SolveResult,
  solve,
} from "../../client/index.ts";
import { testEngine } from "./engine.ts";
import { type FrontendImage, frontendImage } from "./frontend-image.ts";
import { hostRootfs } from "./host-rootfs.ts";

let client: RpcClient;
let image: FrontendImage;
let rootfs: string;
beforeAll(async () => {
  const { address } = await testEngine();
  client = new RpcClient({ connect: connectAddress(address) });
  image = await frontendImage();
  rootfs = mkdtempSync(join(tmpdir(), "frontend-rootfs-"));
  await hostRootfs(rootfs, ["sh", "cat", "ls"]);
});
afterAll(async () => {
  await image[Symbol.asyncDispose]();
  await client.close();
  rmSync(rootfs, { recursive: true });
});

let context: string;
let session: Session;
beforeEach(async () => {
  context = mkdtempSync(join(tmpdir(), "frontend-context-"));
  const directories = { context, dockerfile: context, rootfs };
  const trees = new Map(Object.entries(directories).map(([name, path]) => [name, directoryTree(path)]));
  session = await openSession(client, { services: [...fileSyncService(trees), ...image.services] });
});
afterEach(async () => {
  await session.close();
  rmSync(context, { recursive: true });
});

type Attrs = Readonly<Record<string, string>>;
interface Answer {
  readonly result: SolveResult;
  readonly events: readonly ProgressEvent[];
}

function files(contents: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), text);
  }
}

const common: Attrs = { "context:base": "local:rootfs" };

async function ask(frontend: "ours" | "builtin", attrs: Attrs): Promise<Answer> {
  const events: ProgressEvent[] = [];
  const request =
    frontend === "ours"
      ? { frontend: "gateway.v0", attrs: { ...common, ...image.attrs, ...attrs } }
      : { frontend: "dockerfile.v0", attrs: { ...common, ...attrs } };
  const result = await solve(client, {
    work: { kind: "frontend", ...request },
    session,
    exporters: [{ Type: "image", Attrs: {} }],
    onProgress: (event) => events.push(event),
  });
  return { result, events };
}

function done({ result }: Answer): Readonly<Record<string, string>> {
  if (result.kind === "failed") expect.fail(result.failure.message);
  return result.kind === "done" ? result.exporterResponse : {};
}

function failure({ result }: Answer) {
  if (result.kind !== "failed") return expect.fail(`expected a failed build, which was ${result.kind}`);
  const { message, code, sources, exitCode } = result.failure;
  return { message: message.replace(/ [a-z0-9]{25} /, " ID "), code, sources, exitCode };
}

/**
 * Digest and name of the steps of the graph, without those that only look up the frontend's image. A step that platforms
 * share is named after any of them.
 */
function steps({ events }: Answer): readonly string[] {
  const vertices = events.filter((event) => event.kind === "vertex");
  const lines = vertices.map(({ digest, name }) => `${digest} ${name.replace(/\[linux\/\S+ /, "[")}`);
  return [...new Set(lines)].filter((line) => !/mzbuild-frontend|resolve image config|exporting/.test(line)).sort();
}

/** What an image is: its digest says everything about layers and configuration. */
async function sameBuild(attrs: Attrs): Promise<void> {
  const all = { "build-arg:SOURCE_DATE_EPOCH": "1700000000", ...attrs };
  const theirs = await ask("builtin", all);
  const ours = await ask("ours", all);
  expect(done(ours)["containerimage.digest"]).toBe(done(theirs)["containerimage.digest"]);
  expect(steps(ours)).toEqual(steps(theirs));
  expect(steps(ours).length).toBeGreaterThan(2);
}

const ordinary = `FROM base AS built
ARG WHO=nobody
ENV PATH=/bin
WORKDIR /work
COPY . .
RUN echo "hello $WHO" > greeting && ls > list
FROM scratch AS result
LABEL kind="ordinary"
COPY --from=built /work/ /
CMD ["/greeting"]
FROM result AS more
COPY extra /extra
`;

describe("an ordinary Dockerfile becomes what BuildKit's own frontend makes of it", () => {
  test.each<readonly [string, Attrs]>([
    ["plainly", {}],
    ["with a target", { target: "result" }],
    ["with build args and labels", { "build-arg:WHO": "world", "label:who": "world" }],
    ["for two platforms", { target: "result", platform: "linux/amd64,linux/arm64", "build-arg:WHO": "both" }],
    ["for one platform, listed as several are", { target: "result", "multi-platform": "true" }],
    ["with a stage from elsewhere", { "context:built": "local:context", target: "result" }],
  ])("%s", async (_, attrs) => {
    const arm = attrs["platform"]?.includes("arm64");
    files({
      // Programs of another platform may not run here.
      Dockerfile: arm ? ordinary.replace("FROM base", "FROM --platform=$BUILDPLATFORM base") : ordinary,
      extra: "more",
      "src/a": "a",
      "work/of": "elsewhere",
      "src/skip.o": "left out",
      ".dockerignore": "**/*.o\nDockerfile*\n",
    });
    await sameBuild(attrs);
  });

  test("under another name, with an ignore file of its own", async () => {
    files({
      "build/app.Dockerfile": "FROM scratch\nCOPY . /\n",
      "build/app.Dockerfile.dockerignore": "b\n",
      ".dockerignore": "a\n",
      a: "a",
      b: "b",
    });
    await sameBuild({ filename: "build/app.Dockerfile" });
  });

  test("in lower case", async () => {
    files({ dockerfile: "FROM scratch\nCOPY a /\n", a: "a" });
    await sameBuild({});
  });

  test("without the cache", async () => {
    files({ Dockerfile: "FROM base AS one\nENV PATH=/bin\nRUN cat /dev/null\n" });
    done(await ask("ours", {}));
    const again = await ask("ours", { "no-cache": "" });
    done(again);
    const ran = again.events.filter((event) => event.kind === "vertex" && event.name.includes("RUN"));
    expect(ran.some((event) => event.kind === "vertex" && event.cached)).toBe(false);
    expect(ran.length).toBeGreaterThan(0);
  });
});

describe("a failure is told as BuildKit's own frontend tells it", () => {
  test.each<readonly [string, Readonly<Record<string, string>>, Attrs]>([
    ["an unknown instruction", { Dockerfile: "FROM scratch\nCOPPY a b\n" }, {}],
    ["an unknown stage", { Dockerfile: "FROM scratch AS one\n" }, { target: "two" }],
    ["a missing file", { Dockerfile: "FROM scratch\nCOPY . /\nCOPY nothing /\n" }, {}],
    ["a failing step", { Dockerfile: "FROM base\nENV PATH=/bin\nRUN echo out && \\\n  exit 7\n" }, {}],
    ["no Dockerfile", { a: "a" }, {}],
    ["a broken ignore file", { Dockerfile: "FROM scratch\nCOPY . /\n", ".dockerignore": "[\n" }, {}],
    ["an option that can't be right", { Dockerfile: "FROM scratch\n" }, { platform: "linux/amd64,," }],
    ["a demand for what no frontend can", { Dockerfile: "FROM scratch\n" }, { "frontend.caps": "moby.unheard.of" }],
    ["an unknown request", { Dockerfile: "FROM scratch\n" }, { requestid: "frontend.unheard.of" }],
    ["findings that are to be errors", { Dockerfile: "# check=error=true\nFROM scratch as one\n" }, {}],
  ])("%s", async (_, contents, attrs) => {
    files(contents);
    const theirs = failure(await ask("builtin", attrs));
    expect(failure(await ask("ours", attrs))).toEqual(theirs);
    expect(theirs.message).not.toBe("");
  });
});

test("findings of the linter are warnings of the step that loaded the file", async () => {
  files({ Dockerfile: "FROM scratch as one\nMAINTAINER me\nCOPY a /\n", a: "a" });
  const warnings = async (frontend: "ours" | "builtin") => {
    const answer = await ask(frontend, {});
    done(answer);
    return answer.events.filter((event) => event.kind === "warning").sort((a, b) => (a.message < b.message ? -1 : 1));
  };
  const ours = await warnings("ours");
  expect(ours.map(({ message }) => message)).toEqual([
    "FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 1)",
    "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)",
  ]);
  expect(ours).toEqual(await warnings("builtin"));
});

/** What a sub-request gives. */
async function metadataOf(frontend: "ours" | "builtin", asked: Attrs): Promise<Readonly<Record<string, string>>> {
  let metadata: Readonly<Record<string, Uint8Array>> = {};
  const attrs = { ...common, "frontend.caps": "moby.buildkit.frontend.subrequests", ...asked };
  const request =
    frontend === "ours"
      ? { Frontend: "gateway.v0", FrontendOpt: { ...attrs, ...image.attrs } }
      : { Frontend: "dockerfile.v0", FrontendOpt: attrs };
  const result = await solve(client, {
    work: {
      kind: "function",
      build: async (gateway, signal) => {
        ({ metadata } = await gateway.solve(request, { signal }));
        return {};
      },
    },
    session,
  });
  if (result.kind === "failed") expect.fail(result.failure.message);
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, Buffer.from(value).toString()]));
}

describe("a sub-request is answered as by BuildKit's own frontend", () => {
  test.each([
    "frontend.subrequests.describe",
    "frontend.outline",
    "frontend.targets",
    "frontend.lint",
    "frontend.convertllb",
  ])("%s", async (requestid) => {
    files({ Dockerfile: ordinary.replace(" AS more", " as more"), extra: "x" });
    const ours = await metadataOf("ours", { requestid });
    expect(ours).toEqual(await metadataOf("builtin", { requestid }));
    expect(ours["result.json"]).not.toBe(undefined);
  });

  test("frontend.convertllb, of every kind of mount and action", async () => {
    files({
      Dockerfile: `FROM base AS built
RUN --mount=type=cache,target=/c,id=c,sharing=locked --mount=type=secret,id=s --mount=type=ssh \\
  --mount=type=tmpfs,target=/t,size=64m ls
COPY <<EOF /list
  here
EOF
FROM base
ADD --chown=1:2 --chmod=0750 https://example.com/x /x
COPY --from=built --exclude=*.o / /all/
RUN --network=none --security=sandbox ls
`,
    });
    const limits = { "add-hosts": "a=10.0.0.1", ulimit: "nofile=1:2", memory: "1000000", "no-cache": "" };
    const attrs = { requestid: "frontend.convertllb", ...limits };
    const ours = await metadataOf("ours", attrs);
    expect(ours).toEqual(await metadataOf("builtin", attrs));
    expect(ours["result.json"]).toContain('"mountType": "CACHE"');
  });
});

test("a file that asks for this very frontend gets it once", async () => {
  files({ Dockerfile: "# syntax=mzbuild-frontend\nFROM scratch\nCOPY a /\n", a: "a" });
  const { source: _, ...attrs } = image.attrs;
  const answer = await ask("builtin", attrs);
  done(answer);
  expect(steps(answer).some((line) => line.includes("COPY a /"))).toBe(true);
});

test("a file that asks for a frontend which isn't there is told of at the line that asks", async () => {
  files({ Dockerfile: "# syntax=127.0.0.1:1/nothing\nFROM scratch\n" });
  const { message, sources } = failure(await ask("ours", {}));
  expect(message).toContain("127.0.0.1:1/nothing");
  expect(sources.map(({ filename, ranges }) => [filename, ranges[0]?.start.line])).toEqual([["Dockerfile", 1]]);
});
