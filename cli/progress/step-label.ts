/** What the name of a vertex says: to which image of the repository the step belongs, and what it does. */

export interface StepLabel {
  /** The image that the step is for; undefined for what serves the build as a whole. */
  readonly image: string | undefined;
  /** The name without the image. */
  readonly step: string;
  /** `source`: fetches something that exists, rather than making something. Decides whether an image counts as built. */
  readonly role: "source" | "work";
}

export type GroupOf = (vertexName: string) => StepLabel;

const BRACKETED = /^\[([^\]]*)\]\s*(.*)$/s;
const STEP_COUNT = /^\d+\/\d+$/;
const SOURCE_STEP =
  /^(?:\[[^\]]*\]\s*)?(?:FROM |pull |load |look for |context |(?:docker-image|oci-layout|local|git|https?|ssh|blob):\/\/)/;

/** What BuildKit itself writes where an image's name would stand: of these, all but the first say something in the brackets. */
const OF_BUILDKIT: ReadonlySet<string> = new Set(["internal", "context", "auth"]);

/**
 * Reads names as the compiler writes them, `[IMAGE] step` and `[IMAGE STAGE n/m] step`, of which the second becomes
 * `[STAGE n/m] step` of IMAGE. `[n/m] step` and BuildKit's `[internal] step`, `[context NAME] step` and `[auth] step` belong to no image.
 */
export function bracketLabel(vertexName: string): StepLabel {
  const role = SOURCE_STEP.test(vertexName) ? "source" : "work";
  const [, inside = "", text = ""] = BRACKETED.exec(vertexName) ?? [];
  const [image, ...stage] = inside.split(" ");
  if (image === undefined || image === "" || STEP_COUNT.test(image))
    return { image: undefined, step: vertexName, role };
  if (OF_BUILDKIT.has(image)) {
    return {
      image: undefined,
      step: image === "internal" ? text : vertexName,
      role: image === "internal" ? role : "source",
    };
  }
  return { image, step: stage.length === 0 ? text : `[${stage.join(" ")}] ${text}`, role };
}
