import { expect, it } from "vitest";
import { unknownType } from "../../../cli/build/unknown-type.ts";

it.each([
  ['exporter "foo" could not be found', '--output: the engine has no exporter "foo"', "local, tar"],
  ['unknown cache exporter: "nope"', '--cache-to: the engine has no cache of type "nope"', "registry, inline"],
])("the daemon's %s is told as a wrong option", (said, message, choice) => {
  const error = unknownType(`failed to solve: ${said}`);
  expect(error?.message).toBe(message);
  expect(error?.hint).toContain(choice);
});

it("any other failure stays what it is", () => {
  expect(unknownType("process did not complete successfully")).toBeUndefined();
});
