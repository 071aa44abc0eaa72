/** A place in a text. Lines and columns count from 1; columns are UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of a text: `end` is exclusive, `file` is relative to the context or repository root, with `/`. */
export interface SourceRange {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}
