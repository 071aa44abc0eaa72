import { describe, expect, it } from "vitest";
import { formatVariant, isTruthy, namingOf, parseArchitecture, specOf, variantOf } from "../../mzbuild/index.ts";
import { errorOf } from "./errors.ts";

const HOST = { hostArchitecture: "x64" };

describe("the variant", () => {
  it.each([
    [{}, {}, "optimized/x86_64"],
    [{}, { CI_LTO: "1" }, "release/x86_64"],
    [{}, { CI_LTO: "no" }, "optimized/x86_64"],
    [{ profile: "dev" }, { CI_LTO: "1" }, "dev/x86_64"],
    [{ architecture: "aarch64" }, {}, "optimized/aarch64"],
    [{}, { CI_COVERAGE_ENABLED: "1" }, "optimized/x86_64/coverage"],
    [{ coverage: false }, { CI_COVERAGE_ENABLED: "1" }, "optimized/x86_64/coverage"],
    [{ coverage: true }, {}, "optimized/x86_64/coverage"],
    [{}, { CI_SANITIZER: "address" }, "optimized/x86_64/sanitizer=address"],
    [{ sanitizer: "none" }, { CI_SANITIZER: "address" }, "optimized/x86_64"],
    [{ sanitizer: "cfi", coverage: true }, {}, "optimized/x86_64/coverage/sanitizer=cfi"],
  ] as const)("of options %j and environment %j is %s", (options, env, expected) => {
    expect(formatVariant(variantOf(options, { ...HOST, env }))).toBe(expected);
  });

  it("is of the settings' profile where nothing else names one", () => {
    expect(variantOf({}, { ...HOST, env: {}, profile: "dev" }).profile).toBe("dev");
    expect(variantOf({}, { ...HOST, env: { CI_LTO: "1" }, profile: "dev" }).profile).toBe("release");
  });

  it("cannot be told from a CI_SANITIZER that is unknown, even where an option overrides it", () => {
    const error = errorOf(() => variantOf({ sanitizer: "none" }, { ...HOST, env: { CI_SANITIZER: "adress" } }));
    expect([error.code, error.hint]).toEqual(["unknown-sanitizer", 'did you mean "address"?']);
    expect(errorOf(() => variantOf({}, { ...HOST, env: { CI_SANITIZER: "" } })).code).toBe("unknown-sanitizer");
  });

  it.each([
    ["x64", "x86_64"],
    ["amd64", "x86_64"],
    ["arm64", "aarch64"],
    ["aarch64", "aarch64"],
  ])("takes %s for %s", (name, architecture) => {
    expect(parseArchitecture(name)).toBe(architecture);
  });

  it("has no other architectures", () => {
    expect(errorOf(() => parseArchitecture("riscv64")).code).toBe("unknown-architecture");
  });

  it.each([
    [undefined, false],
    ["", false],
    ["0", false],
    ["no", false],
    ["false", false],
    ["False", true],
    ["off", true],
    ["1", true],
  ])("takes %j for true: %s", (value, truth) => {
    expect(isTruthy(value)).toBe(truth);
  });
});

describe("a spec", () => {
  it.each([
    [{}, {}, {}, "ghcr.io/materializeinc/materialize/app:mzbuild-F"],
    [{}, {}, { MZ_GHCR: "0" }, "materialize/app:mzbuild-F"],
    [{}, {}, { MZ_GHCR: "1" }, "ghcr.io/materializeinc/materialize/app:mzbuild-F"],
    [{}, { registry: "r.io/x", prefix: "p-" }, { MZ_GHCR: "0" }, "r.io/x/p-app:mzbuild-F"],
    [{ registry: "o.io", prefix: "" }, { registry: "r.io/x", prefix: "p-" }, {}, "o.io/app:mzbuild-F"],
  ])("with options %j, settings %j, environment %j is %s", (options, settings, env, spec) => {
    expect(specOf(namingOf(options, settings, env), "app", "F")).toBe(spec);
  });
});
