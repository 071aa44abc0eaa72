/** Looks in a source tree for what the inputs of images may be, and reads what it takes to know that, each thing once. */
import { BuildError } from "../llb/index.ts";
import { type CargoFacts, readCargoFacts } from "./cargo/facts.ts";
import { crateDirectories } from "./cargo/workspace.ts";
import { builderImage, type Declarations } from "./declarations.ts";
import { isBelow, type SortedPaths, sortedPaths } from "./file-set.ts";
import { resolveImages } from "./graph.ts";
import type { Image } from "./image.ts";
import { type InputCandidates, inputCandidates } from "./inputs.ts";
import type { SourceTree } from "./source-tree.ts";

export class InputSearch {
  readonly #tree: SourceTree;
  readonly #declarations: Declarations;
  /** The context directories of all images. */
  readonly #contexts: SortedPaths;
  readonly #candidates = new Map<string, InputCandidates>();
  #listing: Promise<SortedPaths> | undefined;
  #cargo: Promise<CargoFacts | undefined> | undefined;

  constructor(tree: SourceTree, declarations: Declarations) {
    this.#tree = tree;
    this.#declarations = declarations;
    this.#contexts = sortedPaths([...declarations.images.values()].map(({ path }) => path));
  }

  /** Throws as `inputCandidates`, and `BuildError` "missing-file" for the source of a `copy` step, "builder-cycle". */
  async candidates(image: Image): Promise<InputCandidates> {
    const known = this.#candidates.get(image.name);
    if (known !== undefined) return known;
    await this.#checkCopied(image);
    const needsCargo = image.preImages.some(({ kind }) => kind === "cargo-build");
    const [paths, cargo] = await Promise.all([this.listing(), needsCargo ? this.cargoFacts() : undefined]);
    const candidates = inputCandidates(image, { paths, contexts: this.#contexts, cargo });
    this.#candidates.set(image.name, candidates);
    return candidates;
  }

  /** The listing, with the files of those nested repositories that lie where an image or a crate may look. */
  listing(): Promise<SortedPaths> {
    this.#listing ??= this.#expandListing();
    return this.#listing;
  }

  /** Undefined without a workspace. Throws as {@link candidates} for the builder. */
  cargoFacts(): Promise<CargoFacts | undefined> {
    this.#cargo ??= this.#readCargoFacts();
    return this.#cargo;
  }

  /** The directories that `copy` steps copy from must be there, even if they have no files. */
  async #checkCopied(image: Image): Promise<void> {
    const sources = image.preImages.flatMap((step) =>
      step.kind === "copy" && step.fault === undefined ? [step.source] : [],
    );
    const directories = await this.#tree.readDirectories(sources.map(({ value }) => value));
    for (const [index, { value, at }] of sources.entries()) {
      if (directories[index] !== undefined) continue;
      const message = `${value}, the source of a copy step of image ${image.name}, is no directory`;
      throw new BuildError("missing-file", message, {
        at: [at],
        hint: "source is a directory relative to the repository's root",
      });
    }
  }

  async #readCargoFacts(): Promise<CargoFacts | undefined> {
    const { workspace, settings } = this.#declarations;
    if (workspace === undefined) return undefined;
    const builder = builderImage(this.#declarations);
    const builderInputs = builder === undefined ? [] : await this.#builderInputs(builder);
    return readCargoFacts(this.#tree, workspace, { settings, builderInputs });
  }

  async #builderInputs(builder: Image): Promise<readonly string[]> {
    const { images, settings } = this.#declarations;
    const needed = resolveImages(images, [builder.name]);
    const culprit = needed.find(({ preImages }) => preImages.some(({ kind }) => kind === "cargo-build"));
    if (culprit !== undefined) {
      const message = `the builder ${builder.name} needs itself: ${culprit.name} has a cargo-build step`;
      throw new BuildError("builder-cycle", message, {
        at: [...(settings.builder ? [settings.builder.at] : []), culprit.at],
        hint: "the builder and what it depends on must do without Cargo steps",
      });
    }
    const candidates = await Promise.all(needed.map((image) => this.candidates(image)));
    return candidates.flatMap(({ paths }) => paths);
  }

  async #expandListing(): Promise<SortedPaths> {
    const { paths, nested } = await this.#tree.listFiles();
    const places = this.#placesOfInterest();
    const relevant = nested.filter((directory) => places.some((place) => isBelow(directory, place)));
    if (relevant.length === 0) return paths;
    const inner = await Promise.all(relevant.map((directory) => this.#tree.listNested(directory)));
    return sortedPaths([...paths, ...inner.flat()]);
  }

  #placesOfInterest(): readonly string[] {
    const { images, workspace } = this.#declarations;
    const sources = [...images.values()].flatMap(({ preImages }) =>
      preImages.flatMap((step) => (step.kind === "copy" ? [step.source.value === "." ? "" : step.source.value] : [])),
    );
    return [...this.#contexts, ...sources, ...(workspace === undefined ? [] : crateDirectories(workspace))];
  }
}
