/** What the conformance cases don't show: how a compilation asks, and that it stays linear. */
import { describe, expect, test } from "vitest";
import {
  answerAll,
  type CompileOptions,
  compileDockerfile,
  type ImageAnswer,
  type Lookup,
  parseBuildOptions,
  parseDockerfile,
  type World,
} from "../../../frontend/dockerfile/index.ts";
import { digestOf, marshal } from "../../../llb/index.ts";
import { compileText, lastExec, solver, verticesOf } from "./compile-text.ts";

describe("compileDockerfile", () => {
  test("asks for all images of a round at once, each once", () => {
    const rounds: (readonly Lookup[])[] = [];
    const text = "FROM alpine AS a\nFROM debian AS b\nFROM alpine\nCOPY --from=a /x /\nCOPY --from=b /x /\n";
    compileText(text, { onRound: (lookups) => rounds.push(lookups) });
    expect(rounds.map((round) => round.map((lookup) => lookup.kind === "image" && lookup.reference))).toEqual([
      ["docker.io/library/alpine:latest", "docker.io/library/debian:latest"],
    ]);
  });

  test("asks again for what the ONBUILD triggers of an image need", () => {
    const rounds: (readonly Lookup[])[] = [];
    const configs = {
      "docker.io/library/parent:latest": JSON.stringify({
        config: { OnBuild: ["COPY --from=busybox /bin/sh /sh"] },
        rootfs: { type: "layers", diff_ids: [`sha256:${"1".repeat(64)}`] },
      }),
    };
    compileText("FROM parent\n", { configs, onRound: (lookups) => rounds.push(lookups) });
    expect(rounds.map((round) => round.map((lookup) => lookup.kind === "image" && lookup.reference))).toEqual([
      ["docker.io/library/parent:latest"],
      ["docker.io/library/busybox:latest"],
    ]);
  });

  test("doesn't ask for the image of a stage that the target doesn't need", () => {
    const asked: string[] = [];
    const onRound = (lookups: readonly Lookup[]) =>
      asked.push(...lookups.map((lookup) => (lookup.kind === "image" ? lookup.reference : lookup.kind)));
    compileText("FROM unused\nRUN x\nFROM alpine\n", { onRound });
    expect(asked).toEqual(["docker.io/library/alpine:latest"]);
  });

  test("gives the same bytes for the same input", () => {
    const text = "FROM alpine\nARG A=1\nRUN x $A\nCOPY --link a b\nRUN --mount=type=cache,target=/c y\n";
    const [first, second] = [compileText(text), compileText(text)].map(({ output }) => marshal(output).ops);
    expect(first?.map(({ bytes }) => Buffer.from(bytes))).toEqual(second?.map(({ bytes }) => Buffer.from(bytes)));
  });

  test("takes its context from a tree that is given instead of a directory of the client", () => {
    const tree = compileText("FROM scratch\nCOPY <<EOF /file\ntext\nEOF\n").output;
    const { output } = compileText("FROM scratch\nCOPY file /\n", { mainContext: { kind: "tree", output: tree } });
    expect(verticesOf(output)).toContain(tree?.vertex);
    expect(verticesOf(output).some(({ op }) => op.kind === "source")).toBe(false);
  });

  test("puts a label in front of the names of steps", () => {
    const { output } = compileText("FROM alpine\nRUN x\n", { label: "environmentd" });
    expect(output?.vertex.metadata.description?.["llb.customname"]).toBe("[environmentd 2/2] RUN x");
  });

  test("shows a RUN the proxy of the build args without naming it in its environment", () => {
    const opts = { "build-arg:HTTP_PROXY": "http://proxy:3128" };
    const { process } = lastExec(compileText("FROM alpine\nRUN x\n", { opts }).output);
    expect(process.proxyEnv).toMatchObject({ httpProxy: "http://proxy:3128" });
    expect(process.env).toEqual(["PATH=/bin"]);
  });
});

describe("the cost of a compilation", () => {
  const files: readonly (readonly [string, string, number])[] = [
    ["instructions", `FROM alpine\n${repeat(1000, (n) => `ENV A${n % 9}=${n}\nRUN x $A1\nCOPY f${n} /\n`)}`, 3000],
    [
      "labels, volumes, ports and triggers",
      `FROM alpine\n${repeat(1000, (n) => `LABEL l${n}=x\nVOLUME /v${n}\nEXPOSE ${n}\nONBUILD RUN ${n}\n`)}`,
      3000,
    ],
    ["stages on one another", repeat(3000, (n) => `FROM ${n === 0 ? "alpine" : `s${n - 1}`} AS s${n}\nRUN x\n`), 3000],
    [
      "stages that copy",
      repeat(3000, (n) => `FROM alpine AS s${n}\n${n === 0 ? "" : `COPY --from=s${n - 1} /a /b\n`}`),
      1,
    ],
    ["ARGs", `${repeat(3000, (n) => `ARG A${n}=${n === 0 ? "" : `$A${n - 1}`}x\n`)}FROM alpine\nARG A2999\n`, 1],
  ];

  test.each(files)("3,000 %s are compiled without running out of stack", (_name, text, entries) => {
    expect(compileText(text).config.history).toHaveLength(entries);
  });

  test("thousands of stages give a graph of thousands of ops", () => {
    const count = 10_000;
    const { output } = compileText(
      repeat(count, (n) => `FROM ${n === 0 ? "alpine" : `s${n - 1}`} AS s${n}\nRUN x${n}\n`),
    );
    expect(verticesOf(output)).toHaveLength(count + 1);
    expect(digestOf(output!.vertex)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

describe("answerAll", () => {
  const image = (reference: string): ImageAnswer => ({ kind: "image", reference, digest: "", config: "{}" });
  const refuse = () => Promise.reject(new Error("not asked for"));
  const world = (ask: World["image"]): World => ({ image: ask, source: refuse, files: refuse, inputs: refuse });
  const step = (text: string) => {
    const options: CompileOptions = {
      build: parseBuildOptions({}, solver),
      targetPlatform: undefined,
      mainContext: { kind: "local", name: "context", excludePatterns: [] },
      opts: {},
      sessionId: "session",
      source: { filename: "Dockerfile", language: "Dockerfile", data: Buffer.from(text), origin: undefined },
      supports: () => true,
    };
    return (known: Parameters<typeof compileDockerfile>[2]) => compileDockerfile(parseDockerfile(text), options, known);
  };

  test("finds what is asked for, all of a round at the same time", async () => {
    let pending = 0;
    let most = 0;
    const ask: World["image"] = async ({ reference }) => {
      most = Math.max(most, ++pending);
      await Promise.resolve();
      pending--;
      return image(reference);
    };
    const done = await answerAll(step("FROM a\nFROM b\nCOPY --from=0 /x /\n"), world(ask));
    expect(done.kind).toBe("done");
    expect(most).toBe(2);
  });

  test("makes what the world throws an error of the instruction that asked", async () => {
    const failure = Promise.reject(new Error("pull access denied"));
    const build = answerAll(
      step("FROM secret\n"),
      world(() => failure),
    );
    await expect(build).rejects.toMatchObject({
      message: "secret: failed to resolve source metadata for docker.io/library/secret:latest: pull access denied",
      at: [{ start: { line: 1 } }],
    });
  });
});

function repeat(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("");
}
