/**
 * Compose files with keys of ours made into ones that Compose takes, by changing the text where the keys stand and nowhere else:
 * lines, comments, anchors and tags stay what they are, and so do the places in Compose's own messages. Pure.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type YAMLMap } from "yaml";

/** A quick look: whether a text may have keys of ours. */
export function mayHaveOwnKeys(text: string): boolean {
  return /mzbuild|propagate_uid_gid|allow_host_ports|\bpublish\b/.test(text);
}

/** What our keys are called for Compose, which keeps what begins with `x-`. `mzbuild` becomes `image`. */
export const RENAMED = {
  publish: "x-mzbuild-publish",
  propagate_uid_gid: "x-mzbuild-propagate-uid-gid",
  allow_host_ports: "x-mzbuild-allow-host-ports",
} as const;

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * The text with `mzbuild: NAME` (or `x-mzbuild`, which Compose alone ignores) as `image: IMAGE`. What is no YAML stays as it is, for
 * Compose to complain of.
 */
export function rewriteComposeFile(text: string, imageOf: (name: string) => string): string {
  if (!mayHaveOwnKeys(text)) return text;
  const changes: Change[] = [];
  for (const document of parse(text)) {
    for (const service of serviceMaps(document)) changes.push(...changesIn(service, imageOf));
  }
  return applyChanges(text, changes);
}

/** Files that a Compose file takes in, as it names them: `include`, and `extends` of its services. */
export function filesTakenIn(text: string): {
  readonly included: readonly string[];
  readonly extended: readonly string[];
} {
  if (!/\b(?:include|extends)\b/.test(text)) return { included: [], extended: [] };
  const contents = parse(text).map((document): unknown => document.toJS({ maxAliasCount: -1 }));
  return { included: contents.flatMap(includedIn), extended: contents.flatMap(extendedIn) };
}

function parse(text: string): readonly Document[] {
  const documents = parseAllDocuments(text, { uniqueKeys: false, merge: true, logLevel: "silent" });
  return Array.isArray(documents) ? documents : [];
}

/** Every mapping whose keys are those of a service: below `services`, and what is merged into them. */
function serviceMaps(document: Document): ReadonlySet<YAMLMap> {
  const services = new Set<YAMLMap>();
  collect(document, document.get("services", true), services);
  const found = new Set<YAMLMap>();
  for (const map of services) {
    for (const { key, value } of map.items) if (keyText(key) !== "<<") collect(document, value, found);
  }
  return found;
}

/** A mapping and all that is merged into it. */
function collect(document: Document, node: unknown, into: Set<YAMLMap>): void {
  const map = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(map)) for (const item of map.items) collect(document, item, into);
  if (!isMap(map) || into.has(map)) return;
  into.add(map);
  for (const { key, value } of map.items) if (keyText(key) === "<<") collect(document, value, into);
}

function changesIn(service: YAMLMap, imageOf: (name: string) => string): readonly Change[] {
  const goesFirst = service.items.some(({ key }) => keyText(key) === "x-mzbuild");
  return service.items.flatMap(({ key, value }): readonly Change[] => {
    const name = keyText(key);
    const keyAt = rangeOf(key);
    if (name === undefined || keyAt === undefined) return [];
    // What Compose alone would use.
    if (name === "image" && goesFirst) return [{ ...keyAt, text: "x-mzbuild-image" }];
    if (name === "mzbuild" || name === "x-mzbuild") {
      const valueAt = rangeOf(value);
      if (!isScalar(value) || typeof value.value !== "string" || valueAt === undefined) return [];
      return [
        { ...keyAt, text: "image" },
        { ...valueAt, text: JSON.stringify(imageOf(value.value)) },
      ];
    }
    return Object.hasOwn(RENAMED, name) ? [{ ...keyAt, text: RENAMED[name as keyof typeof RENAMED] }] : [];
  });
}

function keyText(key: unknown): string | undefined {
  if (typeof key === "string") return key;
  return isScalar(key) && typeof key.value === "string" ? key.value : isScalar(key) ? key.source : undefined;
}

function rangeOf(node: unknown): { readonly from: number; readonly to: number } | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? { from: range[0], to: range[1] } : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

function applyChanges(text: string, changes: readonly Change[]): string {
  let at = 0;
  let changed = "";
  for (const { from, to, text: replacement } of changes.toSorted((a, b) => a.from - b.from)) {
    changed += text.slice(at, from) + replacement;
    at = to;
  }
  return changed + text.slice(at);
}

function includedIn(content: unknown): readonly string[] {
  return items(field(content, "include")).flatMap((entry) => (typeof entry === "string" ? [entry] : pathsIn(entry)));
}

function pathsIn(entry: unknown): readonly string[] {
  return items(field(entry, "path")).filter((path) => typeof path === "string");
}

function extendedIn(content: unknown): readonly string[] {
  const services = field(content, "services");
  const all = typeof services === "object" && services !== null ? Object.values(services) : [];
  return all.flatMap((service) => {
    const file = field(field(service, "extends"), "file");
    return typeof file === "string" ? [file] : [];
  });
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function items(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
