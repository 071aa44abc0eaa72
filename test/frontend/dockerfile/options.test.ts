import { describe, expect, test } from "vitest";
import { parseBuildOptions } from "../../../frontend/dockerfile/index.ts";
import { linux, type Platform } from "../../../llb/index.ts";

const solver = { platforms: [linux("arm64")], supports: () => true };
const read = (opts: Readonly<Record<string, string>>) => parseBuildOptions(opts, solver);

describe("the attributes of a request", () => {
  test("name platforms in canonical words", () => {
    const { targetPlatforms, multiPlatform, buildPlatform } = read({ platform: "linux/x86_64,linux/arm" });
    expect(targetPlatforms).toEqual([linux("amd64"), linux("arm", "v7")]);
    expect(multiPlatform).toBe(true);
    expect(buildPlatform).toEqual(linux("arm64"));
  });

  test("complete what a platform leaves out with the daemon's own", () => {
    expect(read({ platform: "linux,windows" }).targetPlatforms).toEqual([
      linux("arm64"),
      { ...linux("arm64"), os: "windows" },
    ]);
    expect(read({}).hostPlatform).toEqual(linux("arm64"));
    const daemon = (platform: Platform) => parseBuildOptions({}, { ...solver, platforms: [platform] }).hostPlatform;
    expect(daemon(linux("amd64", "v3"))).toEqual(linux("amd64"));
    expect(daemon(linux("arm", "v6"))).toEqual(linux("arm", "v6"));
  });

  test("have build args and labels by their prefix", () => {
    const { buildArgs, labels } = read({ "build-arg:A": "1", "label:a.b": "c", target: "t" });
    expect([...buildArgs]).toEqual([["A", "1"]]);
    expect([...labels]).toEqual([["a.b", "c"]]);
  });

  test.each([
    ["a=1.2.3.4", [{ host: "a", ip: "1.2.3.4" }]],
    ["A=::ffff:1.2.3.4", [{ host: "a", ip: "1.2.3.4" }]],
    ["a=2001:DB8:0:0::1", [{ host: "a", ip: "2001:db8::1" }]],
  ])("give extra hosts %s their shortest address", (text, hosts) => {
    expect(read({ "add-hosts": text }).extraHosts).toEqual(hosts);
  });

  test.each([
    [undefined, []],
    ["", "all"],
    ["a,b", ["a", "b"]],
  ])("no-cache %s is for the stages %s", (value, stages) => {
    expect(read(value === undefined ? {} : { "no-cache": value }).noCache).toEqual(stages);
  });

  test("list the caches to import, in both of their forms", () => {
    const json = JSON.stringify([{ Type: "gha", Attrs: { scope: "main" } }]);
    expect(read({ "cache-imports": json, "cache-from": "a/b,c" }).cacheImports).toEqual([
      { type: "gha", attrs: { scope: "main" } },
      { type: "registry", attrs: { ref: "a/b" } },
      { type: "registry", attrs: { ref: "c" } },
    ]);
  });

  test.each([
    [
      "platform",
      "a/b/c/d",
      'failed to parse target platform a/b/c/d: "a/b/c/d": cannot parse platform specifier: invalid argument',
    ],
    ["image-resolve-mode", "x", "invalid image-resolve-mode: x"],
    ["add-hosts", "a", "failed to parse additional hosts: invalid key-value pair a"],
    ["add-hosts", "a=b", "failed to parse additional hosts: failed to parse IP b"],
    ["shm-size", "1k", 'failed to parse shm size: strconv.ParseInt: parsing "1k": invalid syntax'],
    ["ulimit", "x=1", "failed to parse ulimit: invalid ulimit type: x"],
    ["ulimit", "core=2:1", "failed to parse ulimit: ulimit soft limit must be less than or equal to hard limit: 2 > 1"],
    ["memory", "0", "failed to parse resource limits: invalid memory value: 0: must be > 0"],
    ["cpusetcpus", "3-1", 'failed to parse resource limits: invalid cpusetcpus value: 3-1: invalid cpuset range "3-1"'],
    ["force-network-mode", "x", "invalid netmode x"],
    ["multi-platform", "x", "invalid boolean value for multi-platform: x"],
    ["attest:x", "", 'unknown attestation type "x"'],
    ["override-copy-image", "x", 'support for "override-copy-image" was removed in BuildKit 0.11'],
  ])("%s=%s is refused in BuildKit's words", (key, value, message) => {
    expect(() => read({ [key]: value })).toThrow(expect.objectContaining({ message }));
  });
});
