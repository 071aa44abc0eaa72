import { describe, expect, it } from "vitest";
import { type FailedStep, type FailureCause, renderFailure } from "../../../cli/progress/index.ts";
import type { ErrorSource } from "../../../client/index.ts";
import { playback } from "./playback.ts";
import { readCase, recordedEvents } from "./recording.ts";

function cause(rest: Partial<FailureCause> = {}): FailureCause {
  return { message: "failed to solve: it broke", vertex: undefined, exitCode: undefined, sources: [], ...rest };
}

function failedStep(rest: Partial<FailedStep> = {}): FailedStep {
  const error = 'process "/bin/sh -c make" did not complete successfully: exit code: 2';
  return {
    digest: "sha256:a",
    name: "[app 1/1] RUN make",
    image: "app",
    step: "[1/1] RUN make",
    error,
    output: ["make: Error 2"],
    missingLines: 0,
    ...rest,
  };
}

/** The lines of the recorded Dockerfile that BuildKit names: those of the RUN that failed. */
const source: ErrorSource = {
  filename: "billing-demo/Dockerfile",
  language: "Dockerfile",
  text: readCase("failed", "Dockerfile"),
  ranges: [{ start: { line: 10, character: 0 }, end: { line: 14, character: 0 } }],
};

describe("a failed build", () => {
  it.each(["plain", "tty"] as const)("is told once, after its %s display", async (mode) => {
    const { play, progress } = playback({ mode });
    play(recordedEvents("failed"));
    progress.finish("failed");
    const [step] = progress.failedSteps();
    const text = renderFailure(
      cause({ vertex: step!.digest, exitCode: 101, sources: [source] }),
      progress.failedSteps(),
      {
        colour: false,
        columns: 100,
      },
    );
    await expect(text).toMatchFileSnapshot(`../../testdata/progress/failed/failure-after-${mode}.txt`);
  });

  it("names the exit code that the daemon only puts into words", () => {
    expect(renderFailure(cause({ vertex: "sha256:a" }), [failedStep()], { colour: false })).toBe(
      "------ app: [1/1] RUN make\nmake: Error 2\n------\nerror: app: [1/1] RUN make: exit code 2\n",
    );
  });

  it.each<[string, Partial<FailedStep>, string]>([
    [
      "a secret is missing",
      { step: "[1/1] RUN --mount=type=secret,id=key make", error: "secret key: not found", output: [] },
      "give it: --secret id=key,src=FILE or --secret id=key,env=VARIABLE",
    ],
    [
      "the context lacks a file",
      { step: "[1/1] COPY x /", error: 'failed to calculate checksum of ref ab::cd: "/x": not found', output: [] },
      "the context is the image's directory without what git or .dockerignore ignores, and what its pre-images bring",
    ],
    [
      "the processor is another one",
      { output: ["exec /bin/sh: exec format error"] },
      "this engine can't run programs of that processor: docker run --privileged tonistiigi/binfmt --install all, or qemu-user-static, teaches it",
    ],
  ])("says what to do where %s", (_, step, hint) => {
    const text = renderFailure(cause({ vertex: "sha256:a" }), [failedStep(step)], { colour: false });
    expect(text.trimEnd().split("\n").at(-1)).toBe(`  = ${hint}`);
    expect(text).not.toContain("ab::cd");
  });

  describe("of Cargo", () => {
    const yaml = "name: two\npre-image:\n  - type: cargo-build\n    bin: two\n    extract: { lib: { 'a': b } }\n";
    const ranges = [
      [4, 9, 12],
      [5, 15, 18],
      [5, 22, 25],
    ].map(([line = 0, start = 0, end = 0]) => ({ start: { line, character: start }, end: { line, character: end } }));
    const sources = [{ filename: "two/mzbuild.yml", language: "YAML", text: yaml, ranges }];
    const told = (output: readonly string[]) =>
      renderFailure(
        cause({ vertex: "sha256:a", exitCode: 101, sources }),
        [failedStep({ image: "cargo", step: "build two (dev)", output })],
        { colour: false },
      );

    it("is told in the script's words, at the place of the name that they are about", () => {
      const error =
        "mzbuild: error[missing-extract]: extract: the build script of `lib` left no `a` in its output directory";
      expect(told(["said before", error, "mzbuild: help: it left: c d"])).toBe(`\
------ cargo: build two (dev)
said before
------
error: extract: the build script of \`lib\` left no \`a\` in its output directory
   --> two/mzbuild.yml:5:23
    |
  3 |   - type: cargo-build
  4 |     bin: two
  5 |     extract: { lib: { 'a': b } }
    |                       ^^^
  = it left: c d
`);
    });

    it("shows all names of the step where it is about none of them, and nothing where the sources are at fault", () => {
      expect(told(["mzbuild: error[missing-target]: the builder has no standard library for X"])).toMatch(
        /^error: the builder has no standard library for X\n {3}--> two\/mzbuild.yml:4:10\n/,
      );
      expect(told(["mzbuild: error[cargo-failed]: could not compile `lib2`"])).toBe(
        "error: could not compile `lib2`\n",
      );
    });
  });

  it("gives the daemon's words where it was no process that failed", () => {
    const steps = [failedStep({ error: 'failed to compute cache key: "/x": not found', output: [] })];
    expect(renderFailure(cause({ vertex: "sha256:a" }), steps, { colour: false })).toBe(
      'error: app: [1/1] RUN make: failed to compute cache key: "/x": not found\n',
    );
  });

  it("gives the daemon's message where no step has failed", () => {
    expect(renderFailure(cause(), [], { colour: false })).toBe("error: it broke\n");
  });

  it("doesn't blame a look-up in vain that the build has survived", () => {
    const lookup = failedStep({
      digest: "sha256:l",
      step: "load metadata",
      image: undefined,
      error: "no such host",
      output: [],
    });
    expect(renderFailure(cause({ message: "failed to solve: unknown flag" }), [lookup], { colour: false })).toBe(
      "error: unknown flag\n",
    );
    expect(renderFailure(cause({ message: "failed to solve: no such host" }), [lookup], { colour: false })).toBe(
      "error: load metadata: no such host\n",
    );
  });

  it("shows the output of the step that is to blame last", () => {
    const other = failedStep({ digest: "sha256:b", name: "b", image: undefined, step: "b", output: ["other"] });
    const text = renderFailure(cause({ vertex: "sha256:a" }), [failedStep(), other], { colour: false });
    expect(text.indexOf("other")).toBeLessThan(text.indexOf("make: Error 2"));
    expect(text).toContain("error: app: ");
  });

  it("says of an exit code of 137 what it most often means", () => {
    const text = renderFailure(cause({ vertex: "sha256:a", exitCode: 137 }), [failedStep()], { colour: false });
    expect(text).toContain("error: app: [1/1] RUN make: exit code 137\n  = it was killed (signal 9)");
  });

  it("shows the end of a long output, and how much came before", () => {
    const output = Array.from({ length: 700 }, (_, index) => `line ${index}`);
    const text = renderFailure(cause(), [failedStep({ output, missingLines: 1000 })], { colour: false, maxLines: 100 });
    expect(text).toContain("------ app: [1/1] RUN make\n[1600 earlier lines]\nline 600\n");
    expect(text).toContain("line 699\n------\n");
  });

  it("shows no more than 64 KiB of output", () => {
    const output = Array.from({ length: 400 }, () => "x".repeat(1000));
    const text = renderFailure(cause(), [failedStep({ output })], { colour: false });
    expect(text.length).toBeGreaterThan(60_000);
    expect(text.length).toBeLessThan(66_000);
  });

  it("keeps the program's colours only where colours are wanted", () => {
    const steps = [failedStep({ output: ["\x1b[31merror\x1b[0m\x1b[2J"] })];
    expect(renderFailure(cause(), steps, { colour: false })).toContain("\nerror\n------");
    expect(renderFailure(cause(), steps, { colour: true })).toContain("\n\x1b[31merror\x1b[0m\x1b[0m\n------");
  });
});
