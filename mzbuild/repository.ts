/**
 * A repository of images: everything that can be known of it without a daemon. Questions are answered from one listing of the
 * files; contents are read and hashed only for what is asked, and each file once.
 */
import { BuildError } from "../llb/index.ts";
import { type BuildContext, buildContext } from "./build-context.ts";
import { type CratesByDirectory, readReachableCrates } from "./cargo/closure.ts";
import { type CargoSources, cargoSources } from "./cargo/sources.ts";
import { LOCK_FILE, type Workspace } from "./cargo/workspace.ts";
import { compareCodePoints, sortedByCodePoint } from "./code-point-order.ts";
import { builderImage, type Declarations, readDeclarations } from "./declarations.ts";
import {
  type Fingerprint,
  fingerprintOf,
  type InputFile,
  type InputManifest,
  preImageExtra,
  variantTail,
} from "./fingerprint.ts";
import { type Images, imageNamed, resolveImages } from "./graph.ts";
import type { CargoBuildPreImage, Composition, Image } from "./image.ts";
import { InputSearch } from "./input-search.ts";
import { cargoFingerprintText, type Settings } from "./settings/settings.ts";
import type { HashedFile, SourceTree } from "./source-tree.ts";
import { missingInput, programsNotCheckedOut, unreadableInput } from "./unreadable-input.ts";
import type { Variant } from "./variant.ts";

/**
 * Reads all configuration: settings, images, compositions, the Cargo workspace. Throws `BuildError` for the first that is
 * broken, whatever is asked for afterwards, as the format demands. `onUnknown` is told of each `MZFROM` that names no image,
 * which then is no error; nothing can be built of the repository in that case.
 */
export async function openRepository(
  tree: SourceTree,
  onUnknown?: (mistake: BuildError, image: Image) => void,
): Promise<Repository> {
  return new Repository(tree, await readDeclarations(tree, onUnknown));
}

/** Holds what was read so far; nothing is read twice. Made by {@link openRepository}. */
export class Repository implements Declarations {
  readonly settings: Settings;
  readonly images: Images;
  readonly compositions: readonly Composition[];
  readonly workspace: Workspace | undefined;
  readonly #tree: SourceTree;
  readonly #search: InputSearch;
  readonly #hashed = new Map<string, HashedFile>();
  /** By what a variant adds to fingerprints, then by name. */
  readonly #fingerprints = new Map<string, Map<string, Fingerprint>>();
  #reachable: Promise<CratesByDirectory> | undefined;

  constructor(tree: SourceTree, declarations: Declarations) {
    this.settings = declarations.settings;
    this.images = declarations.images;
    this.compositions = declarations.compositions;
    this.workspace = declarations.workspace;
    this.#tree = tree;
    this.#search = new InputSearch(tree, declarations);
  }

  /** The same repository, with these images published or not, whatever their own files say. Throws "unknown-image". */
  withPublish(publish: ReadonlyMap<string, boolean>): Repository {
    const images = new Map(this.images);
    for (const [name, value] of publish) images.set(name, { ...this.image(name), publish: value });
    const { settings, workspace, compositions } = this;
    return new Repository(this.#tree, { settings, workspace, images, compositions });
  }

  /** The image of this name. Throws `BuildError` "unknown-image". */
  image(name: string): Image {
    return imageNamed(this.images, name);
  }

  /** The named images and all that they depend on, dependencies first. Throws "unknown-image", "dependency-cycle". */
  resolve(names: Iterable<string>): readonly Image[] {
    return resolveImages(this.images, names);
  }

  /** The builder of Cargo programs, if the settings name an image of this repository. */
  get builderImage(): Image | undefined {
    return builderImage(this);
  }

  /**
   * Paths of an image's own inputs, sorted by code point. Throws `BuildError` "unreadable-input", "missing-file",
   * "no-context-files", "unknown-target", "ambiguous-target", "unknown-crate", "bad-pathspec", "bad-image-config".
   */
  async inputs(name: string): Promise<readonly string[]> {
    const image = this.image(name);
    const { paths, required } = await this.#search.candidates(image);
    const hashed = paths.flatMap((path) => this.#hashed.get(path) ?? []);
    const states = hashed.length === paths.length ? hashed : await this.#tree.statFiles(paths);
    const present = paths.filter((path, index) => {
      const state = states[index];
      if (state?.status === "unreadable") throw unreadableInput(image, path, state.reason);
      if (state?.status === "absent" && required.has(path)) throw missingInput(image, path);
      return state?.status === "present";
    });
    return sortedByCodePoint(present);
  }

  /** The inputs of an image and of all that it depends on, sorted by code point. */
  async transitiveInputs(name: string): Promise<readonly string[]> {
    const inputs = await Promise.all(this.resolve([name]).map((image) => this.inputs(image.name)));
    return sortedByCodePoint(new Set(inputs.flat()));
  }

  /**
   * All that enters the fingerprints of the named images and their dependencies, by name, dependencies first. Throws as
   * {@link resolve} and {@link inputs}.
   */
  async manifests(names: Iterable<string>, variant: Variant): Promise<ReadonlyMap<string, InputManifest>> {
    const manifests = new Map<string, InputManifest>();
    await this.#fingerprint(this.resolve(names), variant, (manifest) => manifests.set(manifest.image, manifest));
    return manifests;
  }

  /** The fingerprints of the named images and their dependencies, by name, dependencies first. Throws as {@link manifests}. */
  async fingerprints(names: Iterable<string>, variant: Variant): Promise<ReadonlyMap<string, Fingerprint>> {
    const images = this.resolve(names);
    const known = this.#fingerprintsOf(variant);
    if (images.some(({ name }) => !known.has(name))) await this.#fingerprint(images, variant, () => undefined);
    return new Map(images.map(({ name }) => [name, known.get(name) ?? ""]));
  }

  /** What the image's build sees. Throws as {@link inputs}, and "not-checked-out" for files that git keeps from the disk. */
  async context(name: string): Promise<BuildContext> {
    return buildContext(this.#tree, this.image(name), await this.#search.listing());
  }

  /** Contents, links followed; undefined where no file is. One answer a path, in order. */
  readFiles(paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#tree.readFiles(paths);
  }

  /**
   * What Cargo needs for all programs of these steps together. Throws "missing-file" without a workspace, "not-checked-out", and as
   * {@link inputs}.
   */
  async cargoSources(steps: readonly CargoBuildPreImage[]): Promise<CargoSources> {
    const [paths, facts] = await Promise.all([this.#search.listing(), this.#search.cargoFacts()]);
    if (facts === undefined) throw new BuildError("missing-file", "the repository has no Cargo.toml at its root");
    this.#reachable ??= facts.reachable
      ? Promise.resolve(facts.reachable)
      : readReachableCrates(this.#tree, facts.workspace);
    const [reachable, [lockFile]] = await Promise.all([this.#reachable, this.#tree.readFiles([LOCK_FILE])]);
    const sources = cargoSources(paths, facts, { steps, reachable, lockFile });
    const files = await this.#lookBehind(sources.files);
    const others = await this.#lookBehind([...sources.manifests, ...sources.configuration]);
    const missing = files.missing ?? others.missing;
    if (missing !== undefined) throw programsNotCheckedOut(steps, missing);
    return { ...sources, files: files.paths };
  }

  /**
   * With what symbolic links among the files lead to, in the repository but elsewhere: it is among the inputs by its content. `missing`
   * is the first that git keeps from the disk.
   */
  async #lookBehind(
    files: readonly string[],
  ): Promise<{ readonly paths: readonly string[]; readonly missing: string | undefined }> {
    const unclear = files.filter((path) => {
      const hashed = this.#hashed.get(path);
      return (
        hashed === undefined ||
        (hashed.status === "present" && (hashed.kind === "link" || hashed.missing !== undefined))
      );
    });
    const states = await this.#tree.statFiles(unclear);
    const behind = states.flatMap((state) => (state.status === "present" ? (state.behind ?? []) : []));
    const missing = states.flatMap((state) => (state.status === "present" ? (state.missing ?? []) : []));
    const paths = behind.length === 0 ? files : sortedByCodePoint(new Set([...files, ...behind]));
    return { paths, missing: missing[0] };
  }

  /** Dependencies come before their dependents. `onManifest` gets one after the other; all at once would take much memory. */
  async #fingerprint(
    images: readonly Image[],
    variant: Variant,
    onManifest: (manifest: InputManifest) => void,
  ): Promise<void> {
    await this.#hashInputs(images);
    const fingerprints = this.#fingerprintsOf(variant);
    const cargoSettings = cargoFingerprintText(this.settings, variant, this.builderImage !== undefined);
    for (const image of images) {
      const manifest = {
        image: image.name,
        files: await this.#inputFiles(image),
        preImages: image.preImages.map((step) => preImageExtra(step, variant, cargoSettings)),
        variant: variantTail(variant),
        dependencies: image.dependencies.map((name) => ({ name, fingerprint: fingerprints.get(name) ?? "" })),
      };
      onManifest(manifest);
      fingerprints.set(image.name, fingerprintOf(manifest));
    }
  }

  #fingerprintsOf(variant: Variant): Map<string, Fingerprint> {
    const key = variantTail(variant);
    const fingerprints = this.#fingerprints.get(key) ?? new Map<string, Fingerprint>();
    this.#fingerprints.set(key, fingerprints);
    return fingerprints;
  }

  /** In large portions, so that a tree which is far away is asked seldom, and its answers are not all in memory at once. */
  async #hashInputs(images: readonly Image[]): Promise<void> {
    const wanted = new Set<string>();
    for (const image of images) {
      for (const path of (await this.#search.candidates(image)).paths) if (!this.#hashed.has(path)) wanted.add(path);
      if (wanted.size >= PORTION) await this.#hash(wanted);
    }
    await this.#hash(wanted);
  }

  async #hash(wanted: Set<string>): Promise<void> {
    const paths = [...wanted];
    wanted.clear();
    const hashed = await this.#tree.hashFiles(paths);
    for (const [index, path] of paths.entries()) this.#hashed.set(path, hashed[index] ?? { status: "absent" });
  }

  async #inputFiles(image: Image): Promise<readonly InputFile[]> {
    const { paths, required } = await this.#search.candidates(image);
    const files: InputFile[] = [];
    for (const path of paths) {
      const file = this.#hashed.get(path) ?? { status: "absent" };
      if (file.status === "unreadable") throw unreadableInput(image, path, file.reason);
      if (file.status === "present") files.push({ path, kind: file.kind, sha1: file.sha1 });
      else if (required.has(path)) throw missingInput(image, path);
    }
    return files.sort((a, b) => compareCodePoints(a.path, b.path));
  }
}

/** Of files. */
const PORTION = 2000;
