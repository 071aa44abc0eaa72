/** Which combinations a command line asks for. Messages as of gitpod-io/dazzle v0.1.17: cmd/core/combine.go. */
import { BuildError } from "../../../llb/index.ts";
import { type Combination, checkTag, didYouMean, type Project } from "../../../mzbuild/index.ts";
import { UsageError } from "../../usage-error.ts";

export interface CombinationFlags {
  readonly all?: boolean;
  readonly combination?: string;
  readonly chunks?: string;
}

/** Throws `UsageError`, `BuildError` "unknown-combination" and "bad-image-name". */
export function chosenCombinations(project: Project, flags: CombinationFlags): readonly Combination[] {
  const chosen = choose(project, flags);
  for (const { name } of chosen) checkTag(name, name);
  return chosen;
}

function choose({ combinations }: Project, { all, combination, chunks }: CombinationFlags): readonly Combination[] {
  if (all) return combinations;
  if (combination !== undefined && combination !== "") {
    const found = combinations.find(({ name }) => name === combination);
    if (found !== undefined) return [found];
    const hint = didYouMean(
      combination,
      combinations.map(({ name }) => name),
    );
    throw new BuildError(
      "unknown-combination",
      `combination ${combination} not found`,
      hint === undefined ? {} : { hint },
    );
  }
  if (chunks !== undefined && chunks !== "") {
    const [name = "", list, ...more] = chunks.split("=");
    if (list === undefined || more.length > 0) {
      throw new UsageError("chunks have invalid format", "such as --chunks NAME=CHUNK,CHUNK:VARIANT");
    }
    return [{ name, chunks: list.split(",") }];
  }
  throw new UsageError("must use one of --all, --combination or --chunks", "mzdazzle combine --help says more");
}
