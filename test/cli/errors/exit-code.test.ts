import { CommanderError } from "commander";
import { expect, it } from "vitest";
import { exitCodeOf } from "../../../cli/errors/index.ts";
import { Interrupted } from "../../../cli/terminal.ts";
import { UsageError } from "../../../cli/usage-error.ts";
import { ClientError, RpcError } from "../../../client/index.ts";
import { BuildError } from "../../../llb/index.ts";

it.each<[string, unknown, number]>([
  ["a failed build", new RpcError("UNKNOWN", "failed to solve"), 1],
  ["an unknown image", new BuildError("unknown-image", "x"), 1],
  ["a defect", new TypeError("x"), 1],
  ["no error", "thrown text", 1],
  ["the command line", new UsageError("x"), 2],
  ["an unknown option", new CommanderError(1, "commander.unknownOption", "x"), 2],
  ["asking for help", new CommanderError(0, "commander.helpDisplayed", "x"), 0],
  ["an option of a build", new ClientError("bad-option", "x"), 2],
  ["an option that names no architecture", new BuildError("unknown-architecture", "x"), 2],
  ["a root that isn't there", new BuildError("bad-root", "x"), 2],
  ["a secret that isn't there", new ClientError("missing-secret", "x"), 2],
  ["an image that CI should have published", new BuildError("image-not-published", "x"), 128],
  ["a hang-up", new Interrupted("SIGHUP"), 129],
  ["Ctrl-C", new Interrupted("SIGINT"), 130],
  ["Ctrl-C under other errors", new RpcError("CANCELLED", "x", { cause: new Interrupted("SIGINT") }), 130],
  ["an output that nobody reads", new Interrupted("SIGPIPE"), 141],
  ["a termination", new Interrupted("SIGTERM"), 143],
  ["a call that the server cancelled", new RpcError("CANCELLED", "x"), 1],
])("%s ends the command with its code", (_, error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

it("what breaks while a command is being stopped doesn't hide that it was", () => {
  const error = new ClientError("export-failed", "x");
  expect(exitCodeOf(error, AbortSignal.abort(new Interrupted("SIGINT")))).toBe(130);
  expect(exitCodeOf(error, AbortSignal.abort())).toBe(1);
  expect(exitCodeOf(error, new AbortController().signal)).toBe(1);
});
