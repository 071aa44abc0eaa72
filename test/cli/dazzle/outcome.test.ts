import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../cli/dazzle/test/run-test.ts";

describe("the end of a test's command", () => {
  const out = Buffer.from("out");

  it("is what the runner says last, and is no part of the output", () => {
    const outcome = outcomeOf(out, Buffer.from("err\n5f 3\n"), "5f", 0);
    expect(outcome).toEqual({ stdout: out, stderr: Buffer.from("err\n"), status: 3 });
  });

  it("can't be told without the runner's word", () => {
    const { problem } = outcomeOf(out, Buffer.from("killed\n"), "5f", 137) as { problem: string };
    expect(problem).toBe("the command's end can't be told: the container ended with exit code 137: killed");
  });

  it("doesn't come where the engine lacks the processor, and what lends it one is said", () => {
    const said = Buffer.from("exec /dev/dazzle-runner: exec format error\n");
    const { problem } = outcomeOf(out, said, "5f", 1) as { problem: string };
    expect(problem).toMatch(/^it can't be started: this engine can't run programs of that processor: .*binfmt/);
  });
});
