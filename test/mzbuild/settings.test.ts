import { describe, expect, it } from "vitest";
import { cargoFlagsOf, parseSettings, type Variant } from "../../mzbuild/index.ts";
import { errorOf } from "./errors.ts";

const parse = (text: string) => parseSettings(Buffer.from(text));
const places = (text: string) => {
  const error = errorOf(() => parse(text));
  return [
    error.code,
    error.message.split("\n"),
    error.at.map(({ start }) => `${start.line}:${start.column}`),
    error.hint,
  ];
};

describe("the settings", () => {
  it("are all read", () => {
    const settings = parse(`
registry: ghcr.io/acme
image-prefix: acme-
profile: release
builder: ci-builder
bases:
  debian:trixie-slim: {debootstrap: trixie, include: [ca-certificates], mirror: "http://mirror/debian"}
cargo:
  inputs: ["*.proto"]
  rustflags: [-Ca]
  env: {CC: clang}
  target: {aarch64: {rustflags: [-Cb], env: {CC: cross}}}
  coverage: {rustflags: [-Cc]}
  sanitizer: {address: {rustflags: [-Zd]}}
`);
    expect(settings).toMatchObject({
      registry: "ghcr.io/acme",
      imagePrefix: "acme-",
      profile: "release",
      builder: { value: "ci-builder" },
    });
    expect(
      [...settings.bases].map(([name, { debootstrap, include, mirror }]) => [name, debootstrap, include, mirror]),
    ).toEqual([["debian:trixie-slim", "trixie", ["ca-certificates"], "http://mirror/debian"]]);
    const variant: Variant = { profile: "dev", architecture: "aarch64", coverage: true, sanitizer: "address" };
    expect(cargoFlagsOf(settings, variant)).toEqual({
      rustflags: ["-Ca", "-Cb", "-Cc", "-Zd"],
      env: new Map([["CC", "cross"]]),
    });
    expect(cargoFlagsOf(settings, { ...variant, architecture: "x86_64", coverage: false, sanitizer: "none" })).toEqual({
      rustflags: ["-Ca"],
      env: new Map([["CC", "clang"]]),
    });
  });

  it("may be empty", () => {
    expect(parse("").cargo).toBeUndefined();
    expect(parse("# nothing\n").bases.size).toBe(0);
  });

  it("say what cargo may reach, which is apart from what changes its programs", () => {
    const access = "secrets: {CARGO_REGISTRIES_ACME_TOKEN: acme}, ssh: default, sccache: {env: {SCCACHE_BUCKET: b}}";
    const settings = parse(`cargo: {${access}}\n`);
    expect(settings.cargo).toBeUndefined();
    expect(settings.cargoAccess).toEqual({
      secrets: new Map([["CARGO_REGISTRIES_ACME_TOKEN", "acme"]]),
      ssh: "default",
      sccache: { env: new Map([["SCCACHE_BUCKET", "b"]]), secrets: new Map() },
    });
    const both = parse(`cargo: {rustflags: [-O], ${access}}\n`);
    expect(both.cargo).toEqual(parse("cargo: {rustflags: [-O]}\n").cargo);
    expect(both.cargoAccess).toEqual(settings.cargoAccess);
    expect(parse("cargo: {sccache: }\n").cargoAccess.sccache).toEqual({ env: new Map(), secrets: new Map() });
  });

  it.each([
    ["registery: x\n", ['mzbuild-settings.yml has no key "registery"'], ["1:1"], 'did you mean "registry"?'],
    ["cargo: {rust-flags: []}\n", ['cargo has no key "rust-flags"'], ["1:9"], 'did you mean "rustflags"?'],
    ["profile: relaese\n", ['profile cannot be "relaese"'], ["1:10"], 'did you mean "release"?'],
    ["registry: ghcr.io/x/\n", ["registry must not end with a slash"], ["1:11"], "leave the slash out"],
    [
      "registry: 5\nbuilder: [a]\n",
      ["registry must be a string, and is a number", "builder must be a string, and is a list"],
      ["1:11", "2:10"],
      "quote it",
    ],
    [
      "bases: {Debian: {debootstrap: x}}\n",
      ["invalid reference format: repository name (library/Debian) must be lowercase"],
      ["1:9"],
      "write it as the Dockerfiles do",
    ],
    [
      "bases: {debian: {}}\n",
      ["bases of debian misses debootstrap"],
      ["1:9"],
      "name a Debian release: `debootstrap: trixie`",
    ],
    ["cargo: {env: {A: 1}}\n", ["env A must be a string, and is a number"], ["1:18"], "quote it"],
    [
      "cargo: {inputs: ['../x']}\n",
      ['the pathspec "../x" leaves the directory that it is evaluated in'],
      ["1:18"],
      undefined,
    ],
    [
      "cargo:\n  secrets: {A-TOKEN: id}\n  sccache: {secrets: {KEY: s3cr+t, OTHER: 1}, bucket: b}\n",
      [
        'sccache has no key "bucket"',
        "sccache secrets KEY is no id of a secret",
        "sccache secrets OTHER must be a string, and is a number",
        'secrets has "A-TOKEN", which is no name of a variable',
      ],
      ["3:47", "3:28", "3:43", "2:13"],
      "it can be: env, secrets",
    ],
    ["cargo: {ssh: ''}\n", ["ssh is empty"], ["1:14"], "name an agent, as --ssh does: `ssh: default`"],
    ["- x\n", ["mzbuild-settings.yml must be a mapping, and is a list"], ["1:1"], undefined],
  ])("%j are refused with the places of all problems", (text, messages, at, hint) => {
    expect(places(text)).toEqual(["bad-settings", messages, at, hint]);
  });
});
