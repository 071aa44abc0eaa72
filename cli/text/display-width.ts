/**
 * How many columns of a terminal a text takes. A grapheme is 0, 1 or 2 columns wide: 2 for East Asian wide and fullwidth characters
 * (Unicode UAX #11) and for emoji (UTS #51), 0 for what is drawn upon its neighbour or not at all.
 */

/** A grapheme and its width in columns. `offset` is where it begins in the text, in UTF-16 units. */
export interface Cell {
  readonly text: string;
  readonly offset: number;
  readonly width: number;
}

/** Made when text needs it that isn't plain ASCII: it takes milliseconds. */
let segmenter: Intl.Segmenter | undefined;
const PLAIN_ASCII = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^(?:\p{Control}|\p{Mark}|\p{Default_Ignorable_Code_Point})/u;
const EMOJI = /^\p{Emoji_Presentation}|\ufe0f/u;
const WIDE =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;

/** The columns that `text` takes. It must hold no escape sequences and no tabs: see `plainLine`. */
export function displayWidth(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  return cells(text).reduce((sum, cell) => sum + cell.width, 0);
}

/** The graphemes of a text, in order. */
export function cells(text: string): Cell[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment, index }) => ({
    text: segment,
    offset: index,
    width: graphemeWidth(segment),
  }));
}

function graphemeWidth(grapheme: string): number {
  if (PLAIN_ASCII.test(grapheme)) return 1;
  if (ZERO_WIDTH.test(grapheme)) return 0;
  return EMOJI.test(grapheme) || WIDE.test(grapheme) ? 2 : 1;
}
