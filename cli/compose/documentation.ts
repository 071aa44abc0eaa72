/** What a composition's file says of itself, taken from its text: nothing is run, so that listing hundreds is cheap. Pure. */
import type { CompositionForm } from "../../compose/index.ts";

/** What the composition is for, without indentation; undefined where it doesn't say. */
export function describeFile(form: CompositionForm, text: string): string | undefined {
  switch (form) {
    case "mzcompose.ts":
      return leadingText(text);
    case "mzcompose.py":
      return pythonDocstring(text);
    case "compose":
      return leadingYamlComment(text);
  }
}

/** Of TypeScript: the first comment of the form that documents, if nothing but other comments stands before it. */
export function leadingText(text: string): string | undefined {
  const found =
    /^(?:#!.*\n)?(?:\s+|\/\/.*(?:\n|$)|\/\*(?!\*)[\s\S]*?\*\/)*\/\*\*([\s\S]*?)\*\/(?!\s*export\s+(?:async\s+)?function\s+workflow)/.exec(
      text,
    );
  return found?.[1] === undefined ? undefined : commentText(found[1]);
}

/** Comments before exported functions, by the function's name. */
export function workflowTexts(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export\s+(?:async\s+)?(?:function\s*\*?|const|let)\s*(\w+)/g,
  );
  return new Map(
    [...found].flatMap(([, comment = "", name = ""]) => {
      const own = commentText(comment);
      return own === undefined ? [] : [[name, own] as const];
    }),
  );
}

function commentText(comment: string): string | undefined {
  const lines = comment.split("\n").map((line) => line.replace(/^[ \t]*\*? ?/, "").trimEnd());
  return lines.join("\n").trim() || undefined;
}

/** A string that stands before all code, as Python has it; without the indentation that its lines have in common (PEP 257). */
export function pythonDocstring(text: string): string | undefined {
  const found = /^\uFEFF?(?:[ \t]*(?:#.*)?\r?\n)*(?:[rR]|[uU])?("""|'''|"|')((?:\\[\s\S]|(?!\1)[\s\S])*)\1/.exec(text);
  const [whole = "", quotes = "", body = ""] = found ?? [];
  if (found === null || (quotes.length === 1 && body.includes("\n"))) return undefined;
  const raw = /[rR]["']/.test(whole.slice(0, whole.length - body.length - quotes.length + 0).slice(-quotes.length - 1));
  return dedented(raw ? body : unescaped(body)) || undefined;
}

function unescaped(text: string): string {
  const simple: Readonly<Record<string, string>> = {
    n: "\n",
    t: "\t",
    r: "\r",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "\n": "",
  };
  return text.replace(/\\([\s\S])/g, (whole, character: string) => simple[character] ?? whole);
}

function dedented(text: string): string {
  const [first = "", ...rest] = text.replace(/\r\n/g, "\n").split("\n");
  const indents = rest.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return [first.trimStart(), ...rest.map((line) => line.slice(indent).trimEnd())].join("\n").trim();
}

function leadingYamlComment(text: string): string | undefined {
  const lines: string[] = [];
  for (const line of text.replace(/^\uFEFF?(?:---\s*\n|\s*\n)*/, "").split("\n")) {
    if (!line.startsWith("#")) break;
    if (!/^#\s*(?:syntax|yaml-language-server|check)\b/.test(line)) lines.push(line.replace(/^#+ ?/, "").trimEnd());
  }
  return lines.join("\n").trim() || undefined;
}

/** Lines up to the first empty one. */
export function firstParagraph(text: string): string {
  return text.split(/\n\s*\n/)[0] ?? "";
}
