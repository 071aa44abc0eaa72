/** Text for terminals: widths, fitting, colours, amounts, and taming what programs print. */
export { bytes, counted, duration } from "./amounts.ts";
export { type Cell, cells, displayWidth } from "./display-width.ts";
export { cut, spread } from "./fit.ts";
export { type Paint, paintWith, type Tone } from "./paint.ts";
export { colouredLine, plainLine } from "./plain-line.ts";
