import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../../frontend/gateway/index.ts";

describe("the environment of a frontend", () => {
  it("has an option a variable, whose value may hold equals signs and line breaks", () => {
    const env = {
      BUILDKIT_FRONTEND_OPT_0: "target=app",
      BUILDKIT_FRONTEND_OPT_12: "build-arg:FLAGS=-a=1\n-b=2",
      BUILDKIT_FRONTEND_OPT_3: "no-cache=",
      BUILDKIT_FRONTEND_OPT_4: "no equals sign",
      BUILDKIT_SESSION_ID: "session",
      PATH: "/bin",
    };
    expect(readEnvironment(env)).toEqual({
      opts: { target: "app", "build-arg:FLAGS": "-a=1\n-b=2", "no-cache": "" },
      sessionId: "session",
    });
  });

  it("may have nothing", () => {
    expect(readEnvironment({})).toEqual({ opts: {}, sessionId: "" });
  });
});
