import { execFileSync } from "node:child_process";
import { posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type BuildContext,
  ownBuildArgs,
  PROFILES,
  parseArchitecture,
  type Repository,
  renderMzfrom,
  SANITIZERS,
  specOf,
  transitiveDependencies,
  type Variant,
} from "../../mzbuild/index.ts";
import { goldens, makeSample, type Sample } from "./sample.ts";

const MATERIALIZE = { registry: "materialize", prefix: "" };
const OPTIMIZED: Variant = { profile: "optimized", architecture: "x86_64", coverage: false, sanitizer: "none" };

describe.each(["clean", "dirty"] as const)("the sample repository, %s", (state) => {
  const golden = goldens.states[state];
  let sample: Sample;
  let repository: Repository;

  beforeAll(async () => {
    sample = makeSample(state);
    repository = await sample.open();
  });
  afterAll(() => sample[Symbol.dispose]());

  it("is the repository that the goldens are of", () => {
    const head = execFileSync("git", ["rev-parse", "HEAD"], { cwd: sample.root, encoding: "utf8" });
    expect(head.trim()).toBe(goldens.commit);
  });

  it("lists its images in the reference's order", () => {
    expect([...repository.images.keys()]).toEqual(golden.list);
  });

  it("has the reference's compositions", () => {
    expect(Object.fromEntries(repository.compositions.map(({ name, path }) => [name, path]))).toEqual(
      golden.compositions,
    );
  });

  it.each(Object.keys(golden.fingerprints))("has the reference's fingerprints for %s", async (configuration) => {
    const fingerprints = await repository.fingerprints(repository.images.keys(), parseVariant(configuration));
    expect(Object.fromEntries(fingerprints)).toEqual(golden.fingerprints[configuration]);
  });

  it.each(["combo", "top", "sidecar"])("fingerprints %s alone as it does with all others", async (name) => {
    const alone = await sample.open();
    const fingerprints = await alone.fingerprints([name], OPTIMIZED);
    expect(fingerprints.get(name)).toBe(golden.fingerprints["optimized/x86_64"]?.[name]);
  });

  it.each(golden.list)("knows of %s what the reference knows", async (name) => {
    const image = repository.image(name);
    const fingerprints = await repository.fingerprints([name], OPTIMIZED);
    const rendered = renderMzfrom(image.dockerfile, (other) =>
      specOf(MATERIALIZE, other, fingerprints.get(other) ?? ""),
    );
    expect({
      path: image.path,
      publish: image.publish,
      mainline: image.mainline,
      description: image.description ?? null,
      build_args: Object.fromEntries(ownBuildArgs(image)),
      mzfrom: image.mzfrom.map(({ value }) => value),
      dependencies: image.dependencies,
      transitive_dependencies: transitiveDependencies(repository.images, name),
      pre_images: image.preImages.map(({ kind }) => kind),
      inputs: await repository.inputs(name),
      dockerfile: Buffer.from(rendered).toString(),
    }).toEqual(golden.images[name]);
  });
});

describe("the contexts of the clean sample repository", () => {
  let sample: Sample;
  beforeAll(() => {
    sample = makeSample("clean");
  });
  afterAll(() => sample[Symbol.dispose]());

  it.each(Object.keys(goldens.contexts))("hold for %s what the reference's builds see", async (name) => {
    const context = await (await sample.open()).context(name);
    const expected = { ...goldens.contexts[name] };
    // Only a build can tell which files a build script leaves behind.
    for (const path of Object.keys(expected)) {
      if (extractedTo(context).some((destination) => path.startsWith(`${destination}/`))) delete expected[path];
    }
    expect(whatTheBuildSees(context)).toEqual(expected);
  });
});

function whatTheBuildSees(context: BuildContext): Record<string, string> {
  const files = new Map<string, string>(context.files.map(({ path, kind }) => [path, kind]));
  for (const step of context.steps) {
    if (step.kind === "copy") {
      for (const { path, kind } of step.files) files.set(path, kind);
    } else {
      for (const { value } of step.step.bins) files.set(value, "executable");
      for (const { value } of step.step.examples) files.set(posix.join("examples", value), "executable");
    }
  }
  return Object.fromEntries(files);
}

function extractedTo(context: BuildContext): readonly string[] {
  return context.steps.flatMap((step) =>
    step.kind === "cargo-build" ? step.step.extract.map(({ destination }) => destination.value) : [],
  );
}

/** `PROFILE/ARCH[/coverage][/sanitizer=NAME]` */
function parseVariant(text: string): Variant {
  const [profile, architecture = "", ...extras] = text.split("/");
  const sanitizer = extras.find((extra) => extra.startsWith("sanitizer="))?.slice("sanitizer=".length);
  return {
    profile: PROFILES.find((each) => each === profile)!,
    architecture: parseArchitecture(architecture),
    coverage: extras.includes("coverage"),
    sanitizer: SANITIZERS.find((each) => each === (sanitizer ?? "none"))!,
  };
}
