/** Which images Docker has, by name. */
import { formatImageReference, parseImageReference, withDefaultTag } from "../../llb/index.ts";
import { type DockerCommand, runDocker } from "./docker-command.ts";

/** Those of the references that Docker has an image of. Empty where it can't be asked: what it lacks is then its own to say. */
export async function imagesInDocker(
  docker: DockerCommand,
  references: readonly string[],
): Promise<ReadonlySet<string>> {
  if (references.length === 0) return new Set();
  const format = "{{range .RepoTags}}{{println .}}{{end}}";
  // It tells of those that are there even where some aren't.
  const { stdout } = await runDocker(docker, ["image", "inspect", "--format", format, ...references]);
  const tags = new Set(
    stdout
      .split("\n")
      .filter((line) => line !== "")
      .map(fullReference),
  );
  return new Set(references.filter((reference) => tags.has(fullReference(reference))));
}

/** Docker shortens the names of its own hub. */
function fullReference(text: string): string {
  const parsed = parseImageReference(text);
  return parsed.kind === "invalid" ? text : formatImageReference(withDefaultTag(parsed.reference));
}
