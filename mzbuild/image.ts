/** An image of the repository, as its `mzbuild.yml` and `Dockerfile` declare it. Values only; nothing here reads anything. */
import type { BuildError, SourceRange } from "../llb/index.ts";
import type { YamlNode } from "./yaml/yaml-node.ts";

/** A value and where it is written. */
export interface Located<Value> {
  readonly value: Value;
  readonly at: SourceRange;
}

export interface Image {
  readonly name: string;
  /** Where the name is written. */
  readonly at: SourceRange;
  /** The context directory, relative to the root. */
  readonly path: string;
  /** For Docker Hub. */
  readonly description: string | undefined;
  /** Whether the image is pushed. Others are built wherever they are needed. */
  readonly publish: boolean;
  /** Whether a release tags it with its version. */
  readonly mainline: boolean;
  readonly preImages: readonly PreImage[];
  /** As written; `buildArgsOf` makes strings of them. Undefined where the key is missing. */
  readonly buildArgs: YamlNode | undefined;
  /** The bytes of `mzbuild.yml`. */
  readonly declaration: Uint8Array;
  /** The bytes of the Dockerfile, with its `MZFROM` lines. */
  readonly dockerfile: Uint8Array;
  /** Every `MZFROM` of the Dockerfile, in order, with repetitions. */
  readonly mzfrom: readonly Located<string>[];
  /** The names in `mzfrom`, each once, sorted by code point. */
  readonly dependencies: readonly string[];
}

/** A step that puts files into the context before the image is built. */
export type PreImage = CopyPreImage | CargoBuildPreImage;

/** Copies files of the file set from elsewhere in the repository. */
export interface CopyPreImage {
  readonly kind: "copy";
  readonly at: SourceRange;
  /** A directory relative to the root, normalised; "." is the root. */
  readonly source: Located<string>;
  /** A directory relative to the context. */
  readonly destination: Located<string>;
  /** A pathspec, evaluated inside `source`. */
  readonly matching: Located<string>;
  /** What is wrong with the step; it matters once the image's inputs are needed. */
  readonly fault: BuildError | undefined;
}

/** Builds programs of the Cargo workspace. */
export interface CargoBuildPreImage {
  readonly kind: "cargo-build";
  readonly at: SourceRange;
  /** Each becomes `NAME` in the context. */
  readonly bins: readonly Located<string>[];
  /** Each becomes `examples/NAME` in the context. */
  readonly examples: readonly Located<string>[];
  readonly features: readonly Located<string>[];
  /** True: `strip --strip-debug`; false: only `.debug_pubnames` and `.debug_pubtypes` go. */
  readonly strip: boolean;
  /** What to copy from the output directories of build scripts. */
  readonly extract: readonly CargoExtract[];
  readonly fault: BuildError | undefined;
}

/** Copies `source`, relative to the build script's output directory of `package`, to `destination` in the context. */
export interface CargoExtract {
  readonly package: Located<string>;
  readonly source: Located<string>;
  readonly destination: Located<string>;
}

/** A directory of services, named after its last path component. */
export interface Composition {
  readonly name: string;
  readonly path: string;
}
