/**
 * Here-documents as texts.
 * Contract: moby/buildkit v0.33.0: frontend/dockerfile/parser/parser.go (`ChompHeredocContent`),
 * dockerfile2llb/convert.go (`summarizeHeredoc`).
 */
import { trimSpace } from "../text/unicode.ts";

/** Without the tabs at the start of lines. */
export function chompHeredoc(content: string): string {
  return content.replace(/^\t+/gm, "");
}

/** Its first line, for names. */
export function summarizeHeredoc(content: string): string {
  const [first = "", ...more] = trimSpace(content).replaceAll("\r\n", "\n").split("\n");
  return more.length > 0 ? `${first}...` : first;
}
