import { describe, expect, test } from "vitest";
import { formatImageConfig, type RepositoryImage } from "../../../frontend/dockerfile/index.ts";
import { digestOf } from "../../../llb/index.ts";
import { compileText, lastExec, verticesOf } from "./compile-text.ts";

const base = compileText('FROM debian\nENV B=2 A=1\nWORKDIR /work\nUSER me\nRUN make\nLABEL x=y\nCMD ["run"]\n');
const inlined: RepositoryImage = { kind: "state", output: base.output, config: base.config };
const published: RepositoryImage = { kind: "reference", reference: "docker.io/acme/base:mzbuild-ABC" };
const spec = "docker.io/acme/base:mzbuild-ABC";
const pushedConfig = formatImageConfig({
  ...base.config,
  rootfs: { type: "layers", diffIds: [`sha256:${"3".repeat(64)}`] },
});

function withImages(images: Readonly<Record<string, RepositoryImage>>) {
  return { images: new Map(Object.entries(images)), configs: { [spec]: pushedConfig } };
}

describe("MZFROM", () => {
  test("of an image that is in a registry is FROM of its reference, op for op", () => {
    const compiled = compileText("MZFROM base\nRUN test\n", withImages({ base: published }));
    const plain = compileText(`FROM ${spec}\nRUN test\n`, withImages({}));
    expect(digestOf(compiled.output!.vertex)).toBe(digestOf(plain.output!.vertex));
    expect(formatImageConfig(compiled.config)).toBe(formatImageConfig(plain.config));
  });

  test("of an image that is built in the same graph runs on its tree", () => {
    const { output } = compileText("MZFROM base\nRUN test\n", withImages({ base: inlined }));
    const [root] = lastExec(output).mounts;
    expect(root).toMatchObject({ kind: "bind", target: "/", from: base.output });
  });

  test("gives processes the same variables, directory and user whether the image is built or pulled", () => {
    const built = compileText("MZFROM base\nENV A=3\nRUN test\n", withImages({ base: inlined }));
    const pulled = compileText("MZFROM base\nENV A=3\nRUN test\n", withImages({ base: published }));
    expect(lastExec(built.output).process).toEqual(lastExec(pulled.output).process);
    expect(lastExec(built.output).process).toMatchObject({
      cwd: "/work",
      user: "me",
      env: ["PATH=/bin", "B=2", "A=3"],
    });
    expect({ ...built.config, rootfs: undefined }).toEqual({ ...pulled.config, rootfs: undefined });
  });

  test("means the image even where a stage has its name", () => {
    const text = "FROM alpine AS base\nRUN other\nMZFROM base AS second\nRUN test\n";
    const { output } = compileText(text, withImages({ base: inlined }));
    expect(lastExec(output).mounts[0]).toMatchObject({ from: base.output });
  });

  test("runs the ONBUILD triggers of an image that is built in the same graph", () => {
    const parent = compileText("FROM debian\nONBUILD RUN triggered\n");
    const images = withImages({ parent: { kind: "state", output: parent.output, config: parent.config } });
    const { output, config } = compileText("MZFROM parent\n", images);
    expect(lastExec(output).process.args).toEqual(["/bin/sh", "-c", "triggered"]);
    expect(config.config.onBuild).toEqual([]);
  });

  test("of an unknown image says so at its line, and what might be meant", () => {
    const compile = () => compileText("FROM alpine AS a\nMZFROM bse\n", withImages({ base: inlined }));
    expect(compile).toThrow('MZFROM names "bse", which no mzbuild.yml declares');
    expect(compile).toThrow(
      expect.objectContaining({
        code: "unknown-image",
        hint: 'did you mean "base"?',
        at: [expect.objectContaining({ start: expect.objectContaining({ line: 2 }) })],
      }),
    );
  });
});

describe("--from of an image of the repository", () => {
  test("copies from its tree", () => {
    const { output } = compileText("FROM scratch\nCOPY --from=base /x /y\n", withImages({ base: inlined }));
    const op = output!.vertex.op;
    expect(op.kind === "file" && op.actions[0]).toMatchObject({ source: { kind: "output", output: base.output } });
  });

  test("mounts its tree", () => {
    const text = "FROM alpine\nRUN --mount=from=base,target=/base test\n";
    const mounts = lastExec(compileText(text, withImages({ base: inlined })).output).mounts;
    expect(mounts[1]).toMatchObject({ target: "/base", from: base.output, readonly: true });
  });

  test("is the reference of one that is in a registry", () => {
    const { output } = compileText("FROM scratch\nCOPY --from=base /x /y\n", withImages({ base: published }));
    const sources = verticesOf(output).map(({ op }) => (op.kind === "source" ? op.identifier : ""));
    expect(sources).toContain(`docker-image://${spec}@sha256:${"1".repeat(64)}`);
  });

  test("means a stage or a named context of that name before it", () => {
    const images = withImages({ base: inlined });
    const stage = compileText("FROM alpine AS base\nFROM scratch\nCOPY --from=base /x /y\n", images);
    const opts = { "context:base": "docker-image://debian" };
    const context = compileText("FROM scratch\nCOPY --from=base /x /y\n", { ...images, opts });
    for (const { output } of [stage, context]) expect(verticesOf(output)).not.toContain(base.output!.vertex);
  });
});
