/** The graph of images as text, and in Graphviz's language. Pure. */
import type { GraphFacts, GraphImage } from "./graph-facts.ts";

/** A line an image, dependencies first: `NAME: DEPENDENCY DEPENDENCY`, with its state before it where that is known. */
export function graphText({ images }: GraphFacts): string {
  return images.map((entry) => `${stateOf(entry)}${nameAndDependencies(entry)}\n`).join("");
}

/** https://graphviz.org/doc/info/lang.html. An edge leads from an image to what is built from it. */
export function graphDot({ title, images }: GraphFacts): string {
  const nodes = images.map((entry) => {
    const { image, fingerprint } = entry;
    const style = image.publish ? "" : ", style=dashed";
    const colour =
      entry.state === undefined ? "" : `, color=${entry.state.kind === "build" ? "darkorange" : "seagreen"}`;
    return `  ${quoted(image.name)} [tooltip=${quoted(`${image.path} ${fingerprint}`)}${style}${colour}];\n`;
  });
  const edges = images.flatMap(({ image }) =>
    image.dependencies.map((dependency) => `  ${quoted(dependency)} -> ${quoted(image.name)};\n`),
  );
  return `digraph ${quoted(title)} {\n  rankdir=LR;\n  node [shape=box];\n${nodes.join("")}${edges.join("")}}\n`;
}

function stateOf({ state }: GraphImage): string {
  return state === undefined ? "" : `${state.kind.padEnd(5)}  `;
}

function nameAndDependencies({ image: { name, dependencies } }: GraphImage): string {
  return dependencies.length === 0 ? name : `${name}: ${dependencies.join(" ")}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
