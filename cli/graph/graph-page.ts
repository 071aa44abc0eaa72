/**
 * The graph of images as one HTML page that needs nothing else: a drawing, a table, and a few lines of script that follow the pointer.
 * Without the script all is still there. Pure.
 */
import { layOut, type Placed } from "../../mzbuild/index.ts";
import { bytes, duration } from "../text/index.ts";
import type { GraphFacts, GraphImage, GraphMeasures } from "./graph-facts.ts";

const COLUMN_PX = 240;
const ROW_PX = 44;
const BOX_WIDTH_PX = 180;
const BOX_HEIGHT_PX = 30;
const MARGIN_PX = 16;
/** Names longer than this are cut in the drawing; the table has them whole. */
const NAME_CHARACTERS = 24;

/** Every text of the repository is escaped: names, paths and descriptions are data. */
export function graphPage(facts: GraphFacts): string {
  const title = escaped(`Images of ${facts.title}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p>${facts.images.length} images, ${escaped(facts.variant)}. Lines lead from an image, to the right, to those built from it.${legend(facts)}</p>
<div class="drawing">
${drawing(facts)}
</div>
${table(facts)}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function legend({ images }: GraphFacts): string {
  if (images.every(({ state }) => state === undefined)) return "";
  const count = (kind: string): number => images.filter(({ state }) => state?.kind === kind).length;
  return ` <span class="reuse">${count("reuse")} in the registry</span>, <span class="build">${count("build")} to build</span>.`;
}

function drawing({ images }: GraphFacts): string {
  const placed = new Map(layOut(images.map(({ image }) => image)).map((place) => [place.image.name, place]));
  const places = [...placed.values()];
  const width = extent(places, ({ column }) => column) * COLUMN_PX - (COLUMN_PX - BOX_WIDTH_PX) + 2 * MARGIN_PX;
  const height = extent(places, ({ row }) => row) * ROW_PX - (ROW_PX - BOX_HEIGHT_PX) + 2 * MARGIN_PX;
  const edges = places.flatMap((to) =>
    to.image.dependencies.flatMap((name) => {
      const from = placed.get(name);
      return from === undefined ? [] : [edge(from, to)];
    }),
  );
  const boxes = images.flatMap((entry) => {
    const place = placed.get(entry.image.name);
    return place === undefined ? [] : [box(entry, place)];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" role="img" aria-label="Graph of images">
${[...edges, ...boxes].join("\n")}
</svg>`;
}

function extent(places: readonly Placed[], at: (place: Placed) => number): number {
  return places.reduce((most, place) => Math.max(most, at(place) + 1), 1);
}

function edge(from: Placed, to: Placed): string {
  const [x1, y1] = [left(from) + BOX_WIDTH_PX, top(from) + BOX_HEIGHT_PX / 2];
  const [x2, y2] = [left(to), top(to) + BOX_HEIGHT_PX / 2];
  const middle = (x1 + x2) / 2;
  // A line that passes others' columns goes around what may stand between.
  const bend = to.column - from.column > 1 ? ROW_PX * 0.6 : 0;
  const ends = `data-from="${escaped(from.image.name)}" data-to="${escaped(to.image.name)}"`;
  return `<path ${ends} d="M${x1} ${y1} C${middle} ${y1 + bend} ${middle} ${y2 + bend} ${x2} ${y2}"/>`;
}

function box({ image, state, fingerprint, measures }: GraphImage, place: Placed): string {
  const classes = [state?.kind ?? "unknown", ...(image.publish ? [] : ["local"])].join(" ");
  const { name } = image;
  const shown = name.length > NAME_CHARACTERS ? `${name.slice(0, NAME_CHARACTERS - 1)}…` : name;
  const lines = [name, image.path, fingerprint, ...(state === undefined ? [] : [state.reason]), ...measured(measures)];
  return `<g class="${classes}" data-image="${escaped(name)}" transform="translate(${left(place)} ${top(place)})">
<title>${escaped(lines.join("\n"))}</title>
<rect width="${BOX_WIDTH_PX}" height="${BOX_HEIGHT_PX}" rx="5"/>
<text x="10" y="20">${escaped(shown)}</text>
</g>`;
}

function left({ column }: Placed): number {
  return MARGIN_PX + column * COLUMN_PX;
}

function top({ row }: Placed): number {
  return MARGIN_PX + row * ROW_PX;
}

function table({ images }: GraphFacts): string {
  const rows = images.map(({ image, fingerprint, state, measures }) => {
    const cells = [
      `<th scope="row">${escaped(image.name)}</th>`,
      `<td>${escaped(image.path)}</td>`,
      `<td><code>${escaped(fingerprint)}</code></td>`,
      `<td>${escaped(image.dependencies.join(", "))}</td>`,
      `<td>${image.publish ? "yes" : "no"}</td>`,
      `<td class="number">${measures.sizeBytes === undefined ? "" : bytes(measures.sizeBytes)}</td>`,
      `<td class="number">${measures.buildMs === undefined ? "" : duration(measures.buildMs)}</td>`,
      `<td class="${state?.kind ?? "unknown"}">${escaped(state === undefined ? "" : `${state.kind}: ${state.reason}`)}</td>`,
    ];
    return `<tr data-image="${escaped(image.name)}">${cells.join("")}</tr>`;
  });
  return `<table>
<thead><tr><th>Image</th><th>Directory</th><th>Fingerprint</th><th>Built from</th><th>Published</th><th>Size</th><th>Build time</th><th>State</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}

function measured({ sizeBytes, buildMs }: GraphMeasures): readonly string[] {
  return [
    ...(sizeBytes === undefined ? [] : [`${bytes(sizeBytes)}, compressed`]),
    ...(buildMs === undefined ? [] : [`built in ${duration(buildMs)}`]),
  ];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const STYLE = `
:root { color-scheme: light dark; --line: #8888; --reuse: #2e8b57; --build: #d2691e; }
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em; }
.drawing { overflow: auto; border: 1px solid var(--line); border-radius: 6px; max-height: 75vh; }
path { fill: none; stroke: var(--line); stroke-width: 1.5; }
rect { fill: Canvas; stroke: var(--line); stroke-width: 1.5; }
text { fill: CanvasText; font-size: 13px; }
.local rect { stroke-dasharray: 5 3; }
g.reuse rect { stroke: var(--reuse); }
g.build rect { stroke: var(--build); }
span.reuse, td.reuse { color: var(--reuse); }
span.build, td.build { color: var(--build); }
.near path, .near g { opacity: 0.2; }
.near .on { opacity: 1; }
table { border-collapse: collapse; margin-top: 1.5em; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
th, td:not(.number) { text-align: left; }
th, td { padding: 0.25em 1em 0.25em 0; border-bottom: 1px solid var(--line); vertical-align: top; }
`;

/** Leaves bright, of everything, what the image under the pointer is built from and what is built from it. */
const SCRIPT = `
const svg = document.querySelector("svg");
const edges = [...svg.querySelectorAll("path")];
const reach = (name, from, to) => {
  const found = new Set([name]);
  for (const at of found) for (const edge of edges) if (edge.dataset[from] === at) found.add(edge.dataset[to]);
  return found;
};
const show = (name) => {
  svg.classList.toggle("near", name !== undefined);
  const below = reach(name, "to", "from"), above = reach(name, "from", "to");
  for (const box of svg.querySelectorAll("g")) {
    box.classList.toggle("on", below.has(box.dataset.image) || above.has(box.dataset.image));
  }
  for (const { dataset: { from, to }, classList } of edges) {
    classList.toggle("on", (below.has(from) && below.has(to)) || (above.has(from) && above.has(to)));
  }
};
for (const element of document.querySelectorAll("[data-image]")) {
  element.addEventListener("pointerenter", () => show(element.dataset.image));
  element.addEventListener("pointerleave", () => show(undefined));
}
`;
