import { describe, expect, it } from "vitest";
import { parseImage } from "../../mzbuild/image-config.ts";
import { buildArgsOf, type Image, ownBuildArgs, type Variant } from "../../mzbuild/index.ts";
import { errorOf } from "./errors.ts";

const parse = (config: string, dockerfile: string | undefined = "FROM scratch\n"): Image =>
  parseImage("images/x", Buffer.from(config), dockerfile === undefined ? undefined : Buffer.from(dockerfile));

describe("mzbuild.yml", () => {
  it.each([
    ["name: x\n", true],
    ["name: x\npublish: no\n", false],
    ["name: x\npublish: 'false'\n", true],
    ["name: x\npublish: 0\n", false],
    ["name: x\npublish:\n", false],
    ["name: x\npublish: []\n", false],
  ])("%j is published: %s, truth being Python's", (config, publish) => {
    expect(parse(config).publish).toBe(publish);
  });

  it("has strings and lists of strings for the same, and ignores keys that it does not know", () => {
    const { preImages } = parse(
      "name: X-1\nfoo: bar\npre-image:\n  - {type: cargo-build, bin: a, example: [b, c], features: d/e, strip: no, split: x}\n",
    );
    expect(preImages).toMatchObject([
      {
        kind: "cargo-build",
        bins: [{ value: "a" }],
        examples: [{ value: "b" }, { value: "c" }],
        features: [{ value: "d/e" }],
        strip: false,
        fault: undefined,
      },
    ]);
  });

  it("normalises the source of a copy step and copies everything by default", () => {
    const { preImages } = parse("name: x\npre-image: [{type: copy, source: ./a/, destination: b}]\n");
    expect(preImages).toMatchObject([
      { source: { value: "a" }, destination: { value: "b" }, matching: { value: "*" } },
    ]);
  });

  it.each([
    ["", "images/x/mzbuild.yml must be a mapping, and is empty", 1, 1],
    ["- a\n", "images/x/mzbuild.yml must be a mapping, and is a list", 1, 1],
    ["publish: no\n", "config at images/x missing name", 1, 1],
    ["name: ''\n", "config at images/x missing name", 1, 7],
    ["name: 5\n", "the name in images/x/mzbuild.yml must be a string, and is a number", 1, 7],
    [
      "a: 1\nname: a_b\n",
      "mzbuild image name a_b contains invalid character; only alphanumerics and hyphens allowed",
      2,
      7,
    ],
    ["name: x\npre-image:\n", "pre-image in images/x/mzbuild.yml must be a list, and is empty", 2, 11],
    ["name: x\npre-image: {type: copy}\n", "pre-image in images/x/mzbuild.yml must be a list, and is a mapping", 2, 12],
    ["name: x\npre-image:\n- type: cargo\n", "mzbuild config in images/x has unknown pre-image type", 3, 9],
    ["name: x\npre-image:\n- bin: a\n", "mzbuild config in images/x has unknown pre-image type", 3, 3],
    ["name: x\npre-image: [{type: copy}]\n", "mzbuild config is missing 'source' argument", 2, 13],
    ["name: x\npre-image: [{type: copy, source: .}]\n", "mzbuild config is missing 'destination' argument", 2, 13],
    ["name: x\npre-image:\n- type: cargo-build\n", "mzbuild config is missing pre-build target", 3, 3],
    ["name: x\npre-image:\n- type: cargo-build\n  bin: []\n", "mzbuild config is missing pre-build target", 3, 3],
  ])("%j is an error at its place", (config, message, line, column) => {
    const error = errorOf(() => parse(config));
    expect([error.code, error.message]).toEqual(["bad-image-config", message]);
    expect(error.at[0]).toMatchObject({ file: "images/x/mzbuild.yml", start: { line, column } });
    expect(error.hint).toBeDefined();
  });

  it("proposes the pre-image type that was meant", () => {
    const error = errorOf(() => parse("name: x\npre-image: [{type: cargo_build}]\n"));
    expect(error.hint).toBe('did you mean "cargo-build"?');
  });

  it.each([
    ["{type: copy, source: a, destination: b, matching: 5}", "matching must be a string, and is a number"],
    ["{type: copy, source: ../a, destination: b}", "source must be a directory of the repository"],
    ["{type: copy, source: /a, destination: b}", "source must be a directory of the repository"],
    ["{type: copy, source: a, destination: ../b}", "destination must be inside the image's directory"],
    ["{type: cargo-build, bin: [1.0]}", "bin must be a string, and is a number"],
    ["{type: cargo-build, bin: a, extract: [x]}", "extract must be a mapping, and is a list"],
    ["{type: cargo-build, bin: a, extract: {p: x}}", "extract of a package must be a mapping, and is a string"],
  ])("%s is only an error once the image's inputs are needed", (step, message) => {
    expect(parse(`name: x\npre-image: [${step}]\n`).preImages[0]?.fault?.message).toBe(message);
  });

  it("needs a Dockerfile next to it", () => {
    expect(errorOf(() => parseImage("a", Buffer.from("name: x"), undefined)).message).toBe("a/Dockerfile not found");
  });

  it("keeps what an extract is of, and where it goes", () => {
    const { preImages } = parse(
      "name: x\npre-image: [{type: cargo-build, bin: a, extract: {p: {out: here, ../x: there}}}]\n",
    );
    expect(preImages[0]).toMatchObject({
      extract: [
        { package: { value: "p" }, source: { value: "out" }, destination: { value: "here" } },
        { package: { value: "p" }, source: { value: "../x" }, destination: { value: "there" } },
      ],
    });
  });
});

describe("build arguments", () => {
  const variant: Variant = { profile: "release", architecture: "aarch64", coverage: false, sanitizer: "address" };

  it("are strings as Python makes them, in order, the built-in ones winning", () => {
    const image = parse("name: x\nbuild-args: {A: 1.10, B: yes, C: , D: [a], BUILD_PROFILE: mine, E: 2024-01-01}\n");
    expect([...buildArgsOf(image, variant)]).toEqual([
      ["A", "1.1"],
      ["B", "True"],
      ["C", "None"],
      ["D", "['a']"],
      ["BUILD_PROFILE", "RELEASE"],
      ["E", "2024-01-01"],
      ["ARCH_GCC", "aarch64"],
      ["ARCH_GO", "arm64"],
      ["CI_SANITIZER", "address"],
    ]);
  });

  it("that are no mapping are an error, but only when they are needed", () => {
    const image = parse("name: x\nbuild-args:\n");
    expect(errorOf(() => ownBuildArgs(image)).message).toBe("build-args must be a mapping, and is empty");
  });
});
