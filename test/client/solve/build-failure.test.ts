import { describe, expect, test } from "vitest";
import { RpcError } from "../../../client/rpc/rpc-error.ts";
import { buildFailure } from "../../../client/solve/build-failure.ts";
import { errorDetails, sourceDetail, subrequestDetail } from "../../../client/solve/error-details.ts";

const detail = (type: string, json: string) => ({
  typeUrl: `github.com/moby/buildkit/${type}+json`,
  value: Buffer.from(json),
});

describe("buildFailure", () => {
  // The JSON is what buildkitd v0.33.0 sends for a RUN in a Dockerfile that exits with 3, shortened.
  const error = new RpcError("UNKNOWN", 'process "/bin/sh -c exit 3" did not complete successfully: exit code: 3', {
    details: [
      detail("stack.Stack", '{"frames":[{"Name":"main.main","File":"main.go","Line":1}]}'),
      detail("gatewayapi.ExitMessage", '{"Code":3}'),
      detail("errdefs.Vertex", '{"digest":"sha256:abc"}'),
      detail(
        "errdefs.Source",
        '{"info":{"filename":"Dockerfile","data":"RlJPTSBzY3JhdGNoClJVTiBleGl0IDMK","language":"Dockerfile"},"ranges":[{"start":{"line":2},"end":{"line":2}}]}',
      ),
      detail("errdefs.Solve", '{"inputIDs":["in"],"mountIDs":["m0","m1"],"op":{"exec":{}}}'),
    ],
  });

  test("tells vertex, exit code, lines of the Dockerfile and results to look into", () => {
    expect(buildFailure(error)).toEqual({
      message: 'process "/bin/sh -c exit 3" did not complete successfully: exit code: 3',
      code: "UNKNOWN",
      vertex: "sha256:abc",
      exitCode: 3,
      sources: [
        {
          filename: "Dockerfile",
          language: "Dockerfile",
          text: "FROM scratch\nRUN exit 3\n",
          ranges: [{ start: { line: 2, character: 0 }, end: { line: 2, character: 0 } }],
        },
      ],
      inputIds: ["in"],
      mountIds: ["m0", "m1"],
      error,
    });
  });

  test("makes do with an error that has no details", () => {
    expect(buildFailure(new RpcError("NOT_FOUND", "no"))).toMatchObject({
      message: "no",
      vertex: undefined,
      exitCode: undefined,
      sources: [],
    });
  });
});

describe("error details", () => {
  test("that a frontend makes are read back by a client", () => {
    const ranges = [{ start: { line: 3, character: 4 }, end: { line: 3, character: 9 } }];
    const made = sourceDetail({ filename: "mzbuild.yml", data: Buffer.from("name: ä\n"), language: "YAML" }, ranges);
    expect(errorDetails([made, subrequestDetail("frontend.outline")])).toEqual([
      { kind: "source", source: { filename: "mzbuild.yml", language: "YAML", text: "name: ä\n", ranges } },
      { kind: "subrequest", name: "frontend.outline" },
    ]);
  });

  test.each(["", "null", "[]", "7", '{"info":7,"ranges":{}}', '{"ranges":[null,{"start":"x"}]}'])(
    "that are not as they should be are read as empty: %j",
    (json) => {
      const [decoded] = errorDetails([detail("errdefs.Source", json)]);
      expect(decoded).toMatchObject({ kind: "source", source: { filename: "", text: "" } });
    },
  );

  test("of unknown types are left out", () => {
    expect(
      errorDetails([detail("stack.Stack", "{}"), { typeUrl: "other/errdefs.Vertex+json", value: Buffer.from("{}") }]),
    ).toEqual([]);
  });
});
