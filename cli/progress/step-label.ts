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

const bracketed = /^\[([^\]]*)\]\s*(.*)$/s;
const stepCount = /^\d+\/\d+$/;
const sourceStep =
  /^(?:\[[^\]]*\]\s*)?(?:FROM |pull |load |look for |context |(?:docker-image|oci-layout|local|git|https?|ssh|blob):\/\/)/;

/** What BuildKit itself writes where an image's name would stand: of these, all but the first say something in the brackets. */
const ofBuildKit: ReadonlySet<string> = new Set(["internal", "context", "auth"]);

/**
 * Reads names as the compiler writes them, `[IMAGE] step` and `[IMAGE STAGE n/m] step`, of which the second becomes
 * `[STAGE n/m] step` of IMAGE. `[n/m] step` and BuildKit's `[internal] step`, `[context NAME] step` and `[auth] step` belong to no image.
 */
export function bracketLabel(vertexName: string): StepLabel {
  const role = sourceStep.test(vertexName) ? "source" : "work";
  const [, inside = "", text = ""] = bracketed.exec(vertexName) ?? [];
  const [image, ...stage] = inside.split(" ");
  if (image === undefined || image === "" || stepCount.test(image)) return { image: undefined, step: vertexName, role };
  if (ofBuildKit.has(image)) {
    return {
      image: undefined,
      step: image === "internal" ? text : vertexName,
      role: image === "internal" ? role : "source",
    };
  }
  return { image, step: stage.length === 0 ? text : `[${stage.join(" ")}] ${text}`, role };
}
