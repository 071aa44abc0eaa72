import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { credentialHelper } from "../../../client/docker-config/credential-helper.ts";
import { loadDockerConfig } from "../../../client/docker-config/docker-config.ts";
import { registryLogin } from "../../../client/docker-config/registry-login.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "docker-config-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** The login for `host` under a config.json of the given content and the helper programs in `directory/bin`. */
async function login(config: unknown, host: string, environmentLogins?: string) {
  if (config !== undefined) writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  const helper = credentialHelper({ PATH: `${directory}/bin:/usr/bin:/bin` });
  return registryLogin(await loadDockerConfig({ directory, environmentLogins }), host, helper);
}

function installHelper(name: string, script: string): void {
  mkdirSync(join(directory, "bin"), { recursive: true });
  const path = join(directory, "bin", `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\nread -r registry\n${script}\n`);
  chmodSync(path, 0o755);
}

describe("the login for a registry", () => {
  test("is anonymous without a configuration", async () => {
    expect(await login(undefined, "registry.example")).toMatchObject({ username: "", password: "" });
  });

  test("comes from the file", async () => {
    const auths = { "registry.example": { auth: base64("user:pa:ss") } };
    expect(await login({ auths }, "registry.example")).toMatchObject({ username: "user", password: "pa:ss" });
    expect(await login({ auths }, "other.example")).toMatchObject({ username: "", password: "" });
  });

  test("is found under an old-style URL", async () => {
    const auths = { "https://registry.example:5000/v1/": { auth: base64("a:b") } };
    expect(await login({ auths }, "registry.example:5000")).toMatchObject({ username: "a" });
  });

  test("of Docker Hub is kept under its old address", async () => {
    const auths = { "https://index.docker.io/v1/": { auth: base64("hub:x"), identitytoken: "tok" } };
    expect(await login({ auths }, "registry-1.docker.io")).toMatchObject({ username: "hub", identityToken: "tok" });
  });

  test("comes from a registry's own helper before the general one", async () => {
    installHelper("general", `echo '{"Username":"general","Secret":"g"}'`);
    installHelper(
      "special",
      `echo "{\\"ServerURL\\":\\"$registry\\",\\"Username\\":\\"for $registry\\",\\"Secret\\":\\"s\\"}"`,
    );
    const config = { credsStore: "general", credHelpers: { "special.example": "special" } };
    expect(await login(config, "special.example")).toMatchObject({ username: "for special.example", password: "s" });
    expect(await login(config, "else.example")).toMatchObject({ username: "general", password: "g" });
  });

  test("is an identity token where the helper says so", async () => {
    installHelper("tokens", `echo '{"Username":"<token>","Secret":"refresh"}'`);
    expect(await login({ credsStore: "tokens" }, "r")).toMatchObject({ username: "", identityToken: "refresh" });
  });

  test("is anonymous where the helper knows none", async () => {
    installHelper("empty", "echo 'credentials not found in native keychain'; exit 1");
    expect(await login({ credsStore: "empty" }, "r")).toMatchObject({ username: "", password: "" });
  });

  test("comes from the environment before all else", async () => {
    const environment = JSON.stringify({ auths: { r: { auth: base64("env:e") } } });
    expect(await login({ auths: { r: { auth: base64("file:f") } } }, "r", environment)).toMatchObject({
      username: "env",
    });
  });
});

describe("a helper that does not work is named", () => {
  test.each<[string, string | undefined, string]>([
    ["missing", undefined, "docker-credential-missing failed: it is not on the PATH"],
    ["broken", "echo 'keychain is locked'; exit 1", "docker-credential-broken failed: keychain is locked"],
    ["garbled", "echo nonsense", "docker-credential-garbled failed: its answer is not JSON"],
    ["../evil", undefined, "it has an impossible name"],
  ])("%s", async (name, script, message) => {
    if (script !== undefined) installHelper(name, script);
    await expect(login({ credsStore: name }, "r")).rejects.toMatchObject({
      code: "credential-helper-failed",
      message: expect.stringContaining(message),
    });
  });
});

test.each([
  ["{", "is not valid JSON"],
  ["[]", "does not hold a JSON object"],
  [JSON.stringify({ auths: { r: { auth: base64("nocolon") } } }), 'the login for "r" is not base64 of "user:password"'],
])("the configuration %s is refused", async (text, message) => {
  writeFileSync(join(directory, "config.json"), text);
  await expect(loadDockerConfig({ directory })).rejects.toMatchObject({
    code: "bad-docker-config",
    message: expect.stringContaining(message),
  });
});
