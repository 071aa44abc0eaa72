import { describe, expect, it } from "vitest";
import { errorDetails, RpcError } from "../../../client/index.ts";
import { frontendError } from "../../../frontend/gateway/failure.ts";
import { BuildError, local, marshal } from "../../../llb/index.ts";

const source = {
  filename: "a/Dockerfile",
  language: "Dockerfile",
  data: new TextEncoder().encode("FROM a\nCOPY b \\\n  c\n"),
  origin: undefined,
};
const sources = new Map([[source.filename, source]]);
const place = (file: string, line: number, last = line) => ({
  file,
  start: { line, column: 1 },
  end: { line: last, column: 2 },
});

describe("an error of a build, as the daemon gets it", () => {
  it("has the lines that it is about, and what to do", () => {
    const error = new BuildError("bad", "this is bad", { at: [place("a/Dockerfile", 2, 3)], hint: "do better" });
    const told = frontendError(error, sources, undefined);
    expect([told.code, told.message]).toEqual(["UNKNOWN", "this is bad (do better)"]);
    const [detail] = errorDetails(told.details);
    expect(detail).toEqual({
      kind: "source",
      source: {
        filename: "a/Dockerfile",
        language: "Dockerfile",
        text: "FROM a\nCOPY b \\\n  c\n",
        ranges: [2, 3].map((line) => ({ start: { line, character: 0 }, end: { line, character: 0 } })),
      },
    });
  });

  it("says where the file comes from", () => {
    const origin = local("dockerfile", { sessionId: "s" }).output;
    const error = new BuildError("bad", "bad", { at: [place("a/Dockerfile", 1)] });
    const [detail] = frontendError(error, new Map([["a/Dockerfile", { ...source, origin }]]), undefined).details;
    const { info } = JSON.parse(Buffer.from(detail?.value ?? []).toString());
    const ops = marshal(origin).ops.map(({ bytes }) => Buffer.from(bytes).toString("base64"));
    expect(info.definition.def).toEqual(ops);
    expect(Object.values(info.definition.metadata)).toContainEqual({
      description: {},
      caps: { "source.local": true, "source.local.sessionid": true },
    });
  });

  it("leaves out places of files that nobody has", () => {
    const told = frontendError(new BuildError("bad", "bad", { at: [place("other", 1)] }), sources, undefined);
    expect(told.details).toEqual([]);
  });

  it("keeps code and details of the daemon's own error underneath, however deep", () => {
    const detail = { typeUrl: "github.com/moby/buildkit/errdefs.Vertex+json", value: Buffer.from('{"digest":"d"}') };
    const daemon = new RpcError("NOT_FOUND", "no such image", { details: [detail] });
    const inner = new BuildError("image-not-found", "a: no such image", { cause: daemon });
    const outer = new BuildError("image-not-found", "a: no such image", {
      at: [place("a/Dockerfile", 1)],
      cause: inner,
    });
    const told = frontendError(outer, sources, undefined);
    expect(told.code).toBe("NOT_FOUND");
    expect(errorDetails(told.details).map(({ kind }) => kind)).toEqual(["vertex", "source"]);
  });

  it("names a request that isn't known", () => {
    const told = frontendError(new BuildError("unsupported-request", "unsupported request x"), sources, "x");
    expect(errorDetails(told.details)).toEqual([{ kind: "subrequest", name: "x" }]);
  });

  it("is told even when it isn't one of ours", () => {
    expect(frontendError(new TypeError("a bug"), sources, undefined).message).toBe("a bug");
  });
});
