/** Loads a composition by its form; the code of each form is loaded when it is needed. */
import type {
  CompositionForm,
  CompositionPlace,
  LoadComposition,
  LoadedComposition,
  LoadOptions,
} from "../../compose/index.ts";

/** Throws as {@link LoadComposition}. */
export async function loadComposition(
  place: CompositionPlace & { readonly form: ProgramForm },
  options: LoadOptions,
): Promise<LoadedComposition> {
  const load = await loaders[place.form]();
  return load(place, options);
}

/** Forms that are programs. */
type ProgramForm = Exclude<CompositionForm, "compose">;

const loaders: Readonly<Record<ProgramForm, () => Promise<LoadComposition>>> = {
  "mzcompose.ts": async () => (await import("./load-typescript.ts")).loadTypeScript,
  "mzcompose.py": async () => (await import("./load-python.ts")).loadPython,
};
