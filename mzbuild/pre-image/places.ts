/** Places in mzbuild.yml as vertices carry them, so that an error of the daemon shows the lines that it is about. */
import type { LineRange, SourceMap, SourceRange } from "../../llb/index.ts";
import type { Image } from "../image.ts";

/** The image's mzbuild.yml. */
export function declarationOf({ path, declaration }: Pick<Image, "path" | "declaration">): SourceMap {
  return { filename: `${path}/mzbuild.yml`, language: "YAML", data: declaration, origin: undefined };
}

/** Characters count from 0, and the end is the character behind. */
export function lineRange({ start, end }: SourceRange): LineRange {
  return {
    start: { line: start.line, character: start.column - 1 },
    end: { line: end.line, character: end.column - 1 },
  };
}
