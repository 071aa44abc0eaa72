import { describe, expect, test } from "vitest";
import { fileWorkflows } from "../../../cli/compose/file-workflows.ts";

describe("workflows of Compose files", () => {
  test("are steps, or steps with a description and what is done in the end", () => {
    expect(
      fileWorkflows({
        run_twice: ["up -d", ["exec", "web", "echo", "$$1"]],
        check: {
          description: "Checks.\n",
          steps: [{ test: "it is there", steps: [{ sh: "curl $$ADDRESS" }] }],
          finally: ["down"],
        },
      }),
    ).toEqual([
      {
        name: "run-twice",
        description: undefined,
        steps: [
          { kind: "command", command: "up -d" },
          { kind: "command", command: ["exec", "web", "echo", "$1"] },
        ],
        finally: [],
      },
      {
        name: "check",
        description: "Checks.",
        steps: [{ kind: "test", name: "it is there", steps: [{ kind: "script", script: "curl $ADDRESS" }] }],
        finally: [{ kind: "command", command: "down" }],
      },
    ]);
  });

  test.each([
    [["up"], "x-workflows must be a mapping"],
    [{ a: "up" }, "x-workflows.a must be a list"],
    [{ a: { step: [] } }, "x-workflows.a has a key step"],
    [{ a: [{ sh: "x" }, { test: "y", steps: [3] }] }, "x-workflows.a[1].steps[0] must be a command"],
    [{ a: [{ sh: "x", test: "y" }] }, "x-workflows.a[0] has a key test"],
  ])("that are none say where: %j", (value, message) => {
    expect(() => fileWorkflows(value)).toThrow(message);
  });
});
