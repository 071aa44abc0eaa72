import { describe, expect, test } from "vitest";
import { downCall, execCall, runCall, upCall } from "../../../cli/compose/operation-commands.ts";

describe("what workflows ask for, as commands of docker compose", () => {
  test.each([
    [{}, "up --detach --wait"],
    [{ services: ["web", "db"], timeoutSeconds: 5 }, "up --detach --wait --wait-timeout 5 web db"],
    [{ wait: false, timeoutSeconds: 5, options: ["--no-deps"] }, "up --detach --no-deps"],
    [{ detach: false, services: ["web"] }, "up web"],
  ])("up with %j is %s", (request, words) => {
    expect(upCall(request)).toEqual({ args: words.split(" ") });
  });

  test.each([
    [{ service: "web" }, "run -T --rm web"],
    [{ service: "web", detach: true, args: ["ls", "-l"] }, "run -T --detach web ls -l"],
    [
      { service: "web", env: { A: "1", B: "" }, entrypoint: "sh" },
      "run -T --rm --env A=1 --env B= --entrypoint sh web",
    ],
  ])("run with %j is %s", (request, words) => {
    expect(runCall(request)).toEqual({ args: words.split(" ") });
  });

  test("the variables and options of a container stay out of what is said of the command's own output", () => {
    const request = { service: "web", args: ["cat"], env: { A: "1" }, workdir: "/x", capture: true, stdin: "y" };
    expect(execCall(request)).toEqual({
      args: ["exec", "-T", "--env", "A=1", "--workdir", "/x", "web", "cat"],
      capture: true,
      stdin: "y",
    });
  });

  test.each([
    [{}, "down --timeout 0 --volumes --remove-orphans"],
    [{ volumes: false, removeOrphans: false }, "down --timeout 0"],
  ])("down with %j is %s", (request, words) => {
    expect(downCall(request)).toEqual({ args: words.split(" ") });
  });
});
