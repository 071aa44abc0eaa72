/**
 * dazzle.yaml: the combinations of a project, how variables are merged, and which chunks are left out.
 * Source: gitpod-io/dazzle v0.1.17: pkg/dazzle/project.go (`ProjectConfig`).
 */
import { BuildError, type SourceRange } from "../../llb/index.ts";
import { yamlDecoder } from "./yaml-decoder.ts";
import { readYaml } from "./yaml-document.ts";

export const PROJECT_FILE = "dazzle.yaml";

/** As written. */
export interface CombinationEntry {
  readonly name: string;
  readonly ref: readonly string[];
  readonly chunks: readonly string[];
  readonly at: SourceRange;
  /** The places of the names in `ref`. */
  readonly refAt: readonly SourceRange[];
}

export interface EnvVarRule {
  readonly name: string;
  /** `merge`, `merge-unique`, `use-last`; anything else is `use-first`. */
  readonly action: string;
}

export interface ProjectConfig {
  readonly combinations: readonly CombinationEntry[];
  readonly envVars: readonly EnvVarRule[];
  readonly ignore: readonly string[];
}

/** Throws `BuildError` "bad-yaml". */
export function readProjectConfig(bytes: Uint8Array): ProjectConfig {
  const lead = `cannot load config from ${PROJECT_FILE}`;
  const document = readYaml(PROJECT_FILE, bytes, lead);
  if (document === undefined) {
    const hint = "an empty project says: combiner: {}";
    throw new BuildError("bad-yaml", `${lead}: EOF`, { hint });
  }
  const decoder = yamlDecoder(lead);
  const top = decoder.fields(document, ["combiner", "ignore"]);
  const combiner = decoder.fields(top.get("combiner"), ["combinations", "envvars"]);
  const combinations = decoder.values(combiner.get("combinations"), "[]dazzle.ChunkCombination");
  const config = {
    combinations: combinations.map((node): CombinationEntry => {
      const found = decoder.fields(node, ["name", "ref", "chunks"]);
      const [name, ref] = [found.get("name"), found.get("ref")];
      return {
        name: decoder.text(name),
        ref: decoder.texts(ref),
        chunks: decoder.texts(found.get("chunks")),
        at: name?.at ?? node.at,
        refAt: ref?.kind === "sequence" ? ref.items.map(({ at }) => at) : [],
      };
    }),
    envVars: decoder.values(combiner.get("envvars"), "[]dazzle.EnvVarCombination").map((node): EnvVarRule => {
      const found = decoder.fields(node, ["name", "action"]);
      return { name: decoder.text(found.get("name")), action: decoder.text(found.get("action")) };
    }),
    ignore: decoder.texts(top.get("ignore")),
  };
  decoder.done();
  return config;
}
