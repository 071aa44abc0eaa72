/** Colours, or none: decided once by who owns the stream (`NO_COLOR`, not a terminal), and handed down as a function. */
import { styleText } from "node:util";

/** What a piece of text is, which says how it looks. */
export type Tone = "strong" | "faint" | "good" | "bad" | "badMark" | "caution" | "accent";

export type Paint = (tone: Tone, text: string) => string;

const FORMATS = {
  strong: "bold",
  faint: "dim",
  good: "green",
  bad: ["bold", "red"],
  badMark: "red",
  caution: "yellow",
  accent: "cyan",
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/** Paints with ANSI colours, or leaves texts as they are. */
export function paintWith(colour: boolean): Paint {
  if (!colour) return (_tone, text) => text;
  // Not node's business here: the stream is known, and was asked by the caller.
  return (tone, text) => (text === "" ? "" : styleText(FORMATS[tone], text, { validateStream: false }));
}
