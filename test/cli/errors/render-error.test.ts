import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { renderError } from "../../../cli/errors/index.ts";
import { Interrupted } from "../../../cli/terminal.ts";
import { ClientError, ConnectError, RpcError } from "../../../client/index.ts";
import { BuildError, type SourceRange } from "../../../llb/index.ts";

const folder = fileURLToPath(new URL("../../testdata/errors/", import.meta.url));
const readSource = (file: string): string | undefined =>
  file === "gone.yml" ? undefined : readFileSync(folder + file, "utf8");

/** A range from `from` to the end of `what`, both looked up in the file, so that tests name texts and not numbers. */
function place(file: string, what: string): SourceRange {
  const text = readSource(file) ?? "";
  const at = text.indexOf(what);
  if (at < 0) throw new Error(`${file} has no ${JSON.stringify(what)}`);
  return { file, start: positionAt(text, at), end: positionAt(text, at + what.length) };
}

function positionAt(text: string, offset: number): SourceRange["start"] {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function lines(file: string, first: number, last: number): SourceRange {
  return { file, start: { line: first, column: 1 }, end: { line: last + 1, column: 1 } };
}

function expectedFile(name: string): string {
  return `../../testdata/errors/${name}.txt`;
}

describe("the frame around a place", () => {
  it.each<[string, readonly SourceRange[]]>([
    ["one-place", [place("Dockerfile", "ubuntu-bse")]],
    ["two-places-of-a-line", [place("Dockerfile", "ubuntu-bse"), place("Dockerfile", "基础")]],
    ["places-far-apart", [place("Dockerfile", "ubuntu-bse"), place("Dockerfile", "last")]],
    ["two-files", [place("mzbuild.yml", "nmae"), place("Dockerfile", "ubuntu-bse")]],
    ["tabs-and-wide-characters", [place("Dockerfile", "宽\ttabs")]],
    ["long-line", [place("Dockerfile", "needle")]],
    ["whole-lines", [lines("Dockerfile", 8, 9)]],
    ["many-lines", [lines("Dockerfile", 5, 20)]],
    ["several-lines", [place("Dockerfile", "echo two\nRUN echo three")]],
    ["end-of-file", [{ file: "Dockerfile", start: { line: 99, column: 1 }, end: { line: 99, column: 1 } }]],
    ["empty-range", [{ file: "mzbuild.yml", start: { line: 2, column: 7 }, end: { line: 2, column: 7 } }]],
    ["unreadable-file", [{ file: "gone.yml", start: { line: 3, column: 2 }, end: { line: 3, column: 4 } }]],
  ])("%s", async (name, at) => {
    const error = new BuildError("some-code", "something is wrong", { at, hint: "do it in another way" });
    await expect(renderError(error, { colour: false, columns: 80, readSource })).toMatchFileSnapshot(
      expectedFile(name),
    );
  });

  it("is never wider than asked for", () => {
    const error = new BuildError("some-code", "x", { at: [place("Dockerfile", "needle"), lines("Dockerfile", 1, 22)] });
    const widths = [30, 40, 80].map((columns) => {
      const frame = renderError(error, { colour: false, columns, readSource })
        .split("\n")
        .filter((line) => /[|>] /.test(line));
      return Math.max(...frame.map((line) => line.length)) <= columns;
    });
    expect(widths).toEqual([true, true, true]);
  });

  it("has colours where they are wanted", () => {
    const error = new BuildError("some-code", "x", { at: [place("mzbuild.yml", "nmae")] });
    expect(renderError(error, { colour: true, readSource })).toContain("\x1b[31m^^^^\x1b[39m");
  });
});

describe("an error", () => {
  const plain = { colour: false };

  it("of the client is its message, what lies underneath, and its hint", () => {
    const cause = new Error("connect ENOENT /run/buildkit/buildkitd.sock");
    expect(
      renderError(new ConnectError("unreachable", "nothing listens", { hint: "start buildkitd", cause }), plain),
    ).toBe("error: nothing listens\n  caused by: connect ENOENT /run/buildkit/buildkitd.sock\n  = start buildkitd\n");
  });

  it("doesn't repeat a cause that the message has told already", () => {
    const error = new ClientError("disk-full", "cannot write out.tar: ENOSPC", { cause: new Error("ENOSPC") });
    expect(renderError(error, plain)).toBe("error: cannot write out.tar: ENOSPC\n");
  });

  it("about engines lists the ways that were tried", () => {
    const error = Object.assign(new Error("no engine to be had"), {
      name: "EngineError",
      code: "no-engine",
      tried: [
        { what: "BUILDKIT_HOST", result: "not set" },
        { what: "docker", result: "not installed" },
      ],
      hint: "install BuildKit",
    });
    expect(renderError(error, plain)).toBe(
      "error: no engine to be had\n  BUILDKIT_HOST: not set\n  docker: not installed\n  = install BuildKit\n",
    );
  });

  it("of the command line has its prefix once", () => {
    const error = new CommanderError(1, "commander.unknownOption", "error: unknown option '--foo'");
    error.name = "CommanderError2";
    expect(renderError(error, plain)).toBe("error: unknown option '--foo'\n");
  });

  it("of the operating system is no defect of ours", () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    expect(renderError(error, plain)).toBe("error: ENOSPC: no space left on device, write\n");
  });

  it("that nobody foresaw says how to see more, and its stack only when asked", () => {
    const error = new TypeError("x is not a function");
    expect(renderError(error, plain)).toBe(
      "error: TypeError: x is not a function\n  = this is a defect of the program: --debug shows where\n",
    );
    expect(renderError(error, { ...plain, debug: true })).toContain("render-error.test.ts");
  });

  it("that is no error at all is told all the same", () => {
    expect(renderError("boom", plain)).toMatch(/^error: boom\n/);
    expect(renderError(undefined, plain)).toMatch(/^error: undefined\n/);
  });

  it("with several in it tells each", () => {
    const error = new AggregateError([new BuildError("a", "first"), new BuildError("b", "second")]);
    expect(renderError(error, plain)).toBe("error: first\n\nerror: second\n");
  });

  it("caused by itself comes to an end", () => {
    const error = new BuildError("a", "round");
    Object.assign(error, { cause: error });
    expect(renderError(error, plain)).toBe("error: round\n");
  });

  it("that only says that it was stopped is not told to who stopped it", () => {
    const stopped = AbortSignal.abort(new Interrupted("SIGINT"));
    expect(renderError(new RpcError("CANCELLED", "the call was cancelled"), { ...plain, signal: stopped })).toBe("");
    expect(renderError(new RpcError("UNKNOWN", "x", { cause: new Interrupted("SIGINT") }), plain)).toBe("");
  });

  it("of a call that somebody else cancelled is told", () => {
    expect(renderError(new RpcError("CANCELLED", "the server cancelled the call"), plain)).toBe(
      "error: the server cancelled the call\n",
    );
  });
});
