/** In CI, images come from the job that publishes them: docs/format.md, "Acquire, ensure, check". */
import { BuildError } from "../../llb/index.ts";
import { type Environment, explainReason, isTruthy, type Naming, type Plan } from "../../mzbuild/index.ts";

/**
 * Throws `BuildError` "image-not-published" if `CI` is truthy, `CI_ALLOW_LOCAL_BUILD` is not, and a published image would have to be
 * built. What is never published is built in CI, too: images that say so, all where there is no registry, and what was asked
 * for with other build arguments.
 */
export function checkPublished({ steps }: Plan, { registry }: Naming, env: Environment): void {
  if (registry === "" || !isTruthy(env["CI"]) || isTruthy(env["CI_ALLOW_LOCAL_BUILD"])) return;
  const missing = steps.filter(
    (step) => step.kind === "build" && step.image.publish && step.because.kind !== "asked-for",
  );
  const [first] = missing;
  if (first?.kind !== "build") return;
  const more = missing.length === 1 ? "" : `, and ${missing.length - 1} more`;
  throw new BuildError(
    "image-not-published",
    `${first.spec} is not to be had (${explainReason(first.because)})${more}: the build that publishes it has probably failed`,
    { hint: "CI builds no published images here; set CI_ALLOW_LOCAL_BUILD=1 to have them built all the same" },
  );
}
