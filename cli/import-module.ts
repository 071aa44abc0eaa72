/** Given to programs that are kept compiled, which have lost how to import: `compiled-program.ts`. */
declare const mzbuildImport: ((specifier: string) => Promise<Readonly<Record<string, unknown>>>) | undefined;

/** `import(specifier)`. The specifier is a URL or the name of a package: where the program is bundled to, no file is where it was. */
export function importModule(specifier: string): Promise<Readonly<Record<string, unknown>>> {
  return typeof mzbuildImport === "undefined" ? import(specifier) : mzbuildImport(specifier);
}
