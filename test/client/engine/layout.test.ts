import { describe, expect, test } from "vitest";
import { embeddedLayout } from "../../../client/engine/embedded/layout.ts";
import { emptyHost } from "./test-host.ts";

describe("where the embedded engine lives", () => {
  test("follows the XDG variables", async () => {
    const host = await emptyHost({ XDG_CACHE_HOME: "/c", XDG_DATA_HOME: "/d", XDG_RUNTIME_DIR: "/run/user/1000" });
    const layout = embeddedLayout(host);
    expect(layout.binDir).toBe("/c/mzbuild/engine/v0.33.0/bin");
    expect(layout.stateDir).toBe("/d/mzbuild/engine/v0.33.0");
    expect(layout.socket).toMatch(/^\/run\/user\/1000\/mzbuild\/[0-9a-f]{12}\/buildkitd\.sock$/);
  });

  test("is below the home directory without them, relative ones being no better than none", async () => {
    const host = await emptyHost({ XDG_DATA_HOME: "relative" });
    expect(embeddedLayout(host).stateDir).toBe(`${host.homeDir}/.local/share/mzbuild/engine/v0.33.0`);
  });

  test("has a socket path that the kernel takes, however long the runtime directory's is", async () => {
    const long = `/${"x".repeat(90)}`;
    const { socket } = embeddedLayout(await emptyHost({ XDG_RUNTIME_DIR: long }));
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(107);
    expect(socket).toMatch(/^\/tmp\/mzbuild-1000\//);
  });

  test("differs in its sockets for different state directories", async () => {
    const [one, other] = [await emptyHost({ XDG_DATA_HOME: "/a" }), await emptyHost({ XDG_DATA_HOME: "/b" })];
    expect(embeddedLayout(one).socket).not.toBe(embeddedLayout(other).socket);
  });
});
