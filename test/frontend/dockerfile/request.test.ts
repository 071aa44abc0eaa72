import { describe, expect, test } from "vitest";
import {
  type Attributes,
  answerAll,
  answerRequest,
  type FilesLookup,
  type World,
} from "../../../frontend/dockerfile/index.ts";
import { linux } from "../../../llb/index.ts";

const solver = { platforms: [linux("amd64")], supports: () => true };
const never = () => Promise.reject(new Error("nobody should ask"));

async function build(opts: Attributes, world: Partial<World>) {
  const request = { opts, sessionId: "s", solver, hasInputs: false };
  const all = { image: never, source: never, files: never, inputs: never, hostKey: never, ...world };
  const done = await answerAll(answerRequest(request), all);
  return done.kind === "done" ? done : expect.fail(done.kind);
}

/** A world in which `files` are all that can be read, whatever tree they are asked of. */
function filesOf(files: Readonly<Record<string, string | Uint8Array>>): Pick<World, "files"> {
  const bytes = (name: string) => Buffer.from(files[name] ?? "");
  return {
    files: async ({ paths }: FilesLookup) => {
      const known = paths.filter((path) => path in files);
      if (known.length === 0) throw new Error("no local sources enabled");
      return { kind: "files", files: new Map(known.map((path) => [path, bytes(path)])) };
    },
  };
}

test("a build that needs no context does without one", async () => {
  const { builds } = await build({}, filesOf({ Dockerfile: "FROM scratch\nLABEL a=b\n" }));
  expect(builds).toHaveLength(1);
});

describe("a context from the web gives the time of its image, when that is asked for", () => {
  test("of a Dockerfile alone, and of an archive", async () => {
    const archive = Buffer.from("1f8b0800", "hex");
    for (const context of ["FROM scratch\n", archive]) {
      const opts = { context: "https://example.com/context", "build-arg:SOURCE_DATE_EPOCH": "context" };
      const { metadata } = await build(opts, {
        ...filesOf({ context, Dockerfile: "FROM scratch\n" }),
        source: async ({ op }) => {
          expect(op.identifier).toBe("https://example.com/context");
          return { kind: "source", commitObject: undefined, lastModified: "2023-11-14T22:13:20Z" };
        },
      });
      expect(metadata.get("source.date.epoch")).toBe("1700000000");
    }
  });
});
