import { describe, expect, test } from "vitest";
import { parseBuildContext } from "../../../client/exporters/build-context-option.ts";
import { parseCacheOption, withEnvironment } from "../../../client/exporters/cache-option.ts";
import { csvFields } from "../../../client/exporters/csv-fields.ts";
import { parseOutput } from "../../../client/exporters/output-option.ts";
import { parseSecret, resolveSecrets } from "../../../client/exporters/secret-option.ts";
import { parseSsh } from "../../../client/exporters/ssh-option.ts";

describe("comma-separated fields", () => {
  test.each<[string, readonly string[]]>([
    ["a", ["a"]],
    ["a,b", ["a", "b"]],
    ["a,", ["a", ""]],
    [",", ["", ""]],
    ['"a,b",c', ["a,b", "c"]],
    ['"a""b"', ['a"b']],
    ['""', [""]],
    [" a , b ", [" a ", " b "]],
  ])("%s", (line, fields) => {
    expect(csvFields(line)).toEqual(fields);
  });

  test.each(["", 'a"b', '"a', '"a"b', 'a,"'])("%s is refused", (line) => {
    expect(() => csvFields(line)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});

describe("--output", () => {
  test.each<[string, ReturnType<typeof parseOutput>]>([
    ["out", { kind: "directory", type: "local", path: "out", attrs: {} }],
    ["-", { kind: "stdout", type: "tar", attrs: {} }],
    ["type=local,dest=out", { kind: "directory", type: "local", path: "out", attrs: {} }],
    ["type=local,dest=out,mode=delete", { kind: "directory", type: "local", path: "out", attrs: { mode: "delete" } }],
    ["type=tar,dest=x.tar", { kind: "file", type: "tar", path: "x.tar", attrs: {} }],
    ["type=tar", { kind: "stdout", type: "tar", attrs: {} }],
    ["type=oci,dest=-", { kind: "stdout", type: "oci", attrs: {} }],
    ["type=oci,tar=false,dest=d", { kind: "directory", type: "oci", path: "d", attrs: { tar: "false" } }],
    ["type=docker", { kind: "docker-load", attrs: {} }],
    ["type=docker,dest=x.tar", { kind: "file", type: "docker", path: "x.tar", attrs: {} }],
    ["TYPE=image,NAME=r/a:1,push=true", { kind: "daemon", type: "image", attrs: { name: "r/a:1", push: "true" } }],
    ['type=image,"name=r/a:1,r/b:2"', { kind: "daemon", type: "image", attrs: { name: "r/a:1,r/b:2" } }],
    [
      "type=registry,name=r/a",
      { kind: "daemon", type: "image", attrs: { unpack: "false", name: "r/a", push: "true" } },
    ],
    ["type=cacheonly", { kind: "daemon", type: "cacheonly", attrs: {} }],
  ])("%s", (text, option) => {
    expect(parseOutput(text)).toEqual(option);
  });

  test.each([
    ["dest=out", "type is missing"],
    ["type=local", "dest must name a directory"],
    ["type=local,dest=-", "dest must name a directory"],
    ["type=image,dest=x", "the image exporter has no destination"],
    ["type=tar,output=x", 'there is no key "output"'],
    ["type=tar,x", '"x" is not of the form key=value'],
  ])("%s is refused: %s", (text, message) => {
    expect(() => parseOutput(text)).toThrow(message);
  });
});

describe("--cache-from and --cache-to", () => {
  test("a bare reference is a cache in a registry", () => {
    expect(parseCacheOption("--cache-from", "r/a:cache,r/b")).toEqual([
      { type: "registry", attrs: { ref: "r/a:cache" } },
      { type: "registry", attrs: { ref: "r/b" } },
    ]);
  });

  test("all else is passed on", () => {
    expect(parseCacheOption("--cache-to", "type=s3,region=eu,bucket=b,mode=max")).toEqual([
      { type: "s3", attrs: { region: "eu", bucket: "b", mode: "max" } },
    ]);
    expect(() => parseCacheOption("--cache-to", "mode=max")).toThrow("type is missing");
  });

  test("GitHub's cache gets its token, and is dropped where there is none", () => {
    const options = [{ type: "gha", attrs: { scope: "x" } }];
    expect(withEnvironment(options, {})).toEqual([]);
    const github = { ACTIONS_RUNTIME_TOKEN: "t", ACTIONS_RESULTS_URL: "https://r/", ACTIONS_CACHE_SERVICE_V2: "True" };
    expect(withEnvironment(options, github)).toEqual([
      { type: "gha", attrs: { scope: "x", token: "t", url: "https://r/", url_v2: "https://r/" } },
    ]);
  });

  test("an S3 cache takes keys of the environment unless it has its own", () => {
    const environment = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key", AWS_SESSION_TOKEN: "session" };
    expect(withEnvironment([{ type: "s3", attrs: {} }], environment)[0]?.attrs).toEqual({
      access_key_id: "id",
      secret_access_key: "key",
      session_token: "session",
    });
    const own = { access_key_id: "mine", secret_access_key: "mine" };
    expect(withEnvironment([{ type: "s3", attrs: own }], environment)[0]?.attrs).toEqual(own);
  });
});

describe("--secret", () => {
  test.each<[string, ReturnType<typeof parseSecret>]>([
    ["id=a", { id: "a", file: undefined, variable: undefined }],
    ["id=a,src=f", { id: "a", file: "f", variable: undefined }],
    ["type=file,id=a,source=f", { id: "a", file: "f", variable: undefined }],
    ["id=a,env=V", { id: "a", file: undefined, variable: "V" }],
    ["type=env,id=a,src=V", { id: "a", file: undefined, variable: "V" }],
  ])("%s", (text, option) => {
    expect(parseSecret(text)).toEqual(option);
  });

  test.each([
    ["src=f", "id is missing"],
    ["id=a,type=vault", 'the type is "file" or "env"'],
    ["id=a,scr=f", 'there is no key "scr"'],
  ])("%s is refused: %s", (text, message) => {
    expect(() => parseSecret(text)).toThrow(message);
  });

  test("an id alone is a variable where that is set, else a file", async () => {
    const context = { environment: { TOKEN: "t" }, directory: import.meta.dirname };
    const sources = await resolveSecrets([parseSecret("id=TOKEN"), parseSecret("id=options.test.ts")], context);
    expect(sources.get("TOKEN")).toEqual({ kind: "value", value: Buffer.from("t") });
    expect(sources.get("options.test.ts")).toMatchObject({ kind: "file", path: import.meta.filename });
  });

  test.each(["id=nowhere", "id=a,env=UNSET", "id=a,src=/no/such/file"])("%s is missing, not empty", async (text) => {
    const resolving = resolveSecrets([parseSecret(text)], { environment: {}, directory: import.meta.dirname });
    await expect(resolving).rejects.toMatchObject({ code: "missing-secret" });
  });
});

describe("--ssh", () => {
  const context = { environment: { SSH_AUTH_SOCK: "/run/agent" }, directory: "/here" };

  test.each<[string, ReturnType<typeof parseSsh>]>([
    ["default", { id: "default", paths: ["/run/agent"], raw: false }],
    ["default=", { id: "default", paths: ["/run/agent"], raw: false }],
    ["git=/tmp/sock", { id: "git", paths: ["/tmp/sock"], raw: false }],
    ["git=a,/b", { id: "git", paths: ["/here/a", "/b"], raw: false }],
    ["db=/tmp/sock,raw=true", { id: "db", paths: ["/tmp/sock"], raw: true }],
  ])("%s", (text, forward) => {
    expect(parseSsh(text, context)).toEqual(forward);
  });

  test("without an agent says how to start one", () => {
    expect(() => parseSsh("default", { ...context, environment: {} })).toThrow("SSH_AUTH_SOCK is not set");
    expect(() => parseSsh("db=a,b,raw=true", context)).toThrow("exactly one socket");
    expect(() => parseSsh("db=a,raw=maybe", context)).toThrow("true or false");
  });
});

describe("--build-context", () => {
  test.each<[string, ReturnType<typeof parseBuildContext>]>([
    ["src=../dir", { kind: "directory", name: "src", path: "../dir" }],
    ["debian:trixie=docker-image://r/d:1", { kind: "remote", name: "debian:trixie", value: "docker-image://r/d:1" }],
    ["docker.io/library/debian:latest=d", { kind: "directory", name: "debian", path: "d" }],
    ["repo=https://example.com/a.git", { kind: "remote", name: "repo", value: "https://example.com/a.git" }],
    ["l=oci-layout:///abs/oci:v1", { kind: "oci-layout", name: "l", path: "/abs/oci", tag: "v1", digest: undefined }],
    ["l=oci-layout://rel/oci", { kind: "oci-layout", name: "l", path: "rel/oci", tag: undefined, digest: undefined }],
    [
      `l=oci-layout://oci@sha256:${"a".repeat(64)}`,
      { kind: "oci-layout", name: "l", path: "oci", tag: undefined, digest: `sha256:${"a".repeat(64)}` },
    ],
  ])("%s", (text, context) => {
    expect(parseBuildContext(text)).toEqual(context);
  });

  test.each(["name", "=dir", "name=", "na me=dir"])("%s is refused", (text) => {
    expect(() => parseBuildContext(text)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });
});
