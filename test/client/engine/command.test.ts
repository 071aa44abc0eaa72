import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findProgram, runCommand } from "../../../client/engine/command.ts";
import { emptyHost, temporaryDirectory } from "./test-host.ts";

const env = { PATH: "/bin:/usr/bin" };

describe("running a program", () => {
  test("gives its output, its last words and its exit code", async () => {
    const lines: string[] = [];
    const script = "echo out; echo err >&2; exit 3";
    const result = await runCommand("sh", ["-c", script], { env, onLine: (line) => lines.push(line) });
    expect(result).toEqual({ exitCode: 3, stdout: "out", lastLines: ["err"] });
    expect(lines.toSorted()).toEqual(["err", "out"]);
  });

  test("a program that isn't there is a result, too", async () => {
    const result = await runCommand("/nonexistent/program", [], { env });
    expect(result.exitCode).toBeUndefined();
    expect(result.lastLines.join()).toContain("ENOENT");
  });

  test("rejects with the reason of the signal that ended it", async () => {
    const abort = new AbortController();
    const running = runCommand("sh", ["-c", "echo started; exec sleep 1000"], {
      env,
      signal: abort.signal,
      onLine: () => abort.abort(new Error("enough")),
    });
    await expect(running).rejects.toThrow("enough");
  });
});

describe("finding a program", () => {
  test("takes the first executable file on PATH, and none that can't be executed", async () => {
    const [one, two] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(one, "thing"), "no program");
    await writeFile(join(two, "thing"), "#!/bin/sh\n");
    await chmod(join(two, "thing"), 0o755);
    const host = await emptyHost({ PATH: `${one}::${two}` });
    expect(findProgram(host, "thing")).toBe(join(two, "thing"));
    expect(findProgram(host, "no-such-thing-anywhere")).toBeUndefined();
  });
});
