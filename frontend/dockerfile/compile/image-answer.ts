/** Answers to look-ups of images, and what is in them. */
import { BuildError, type Platform } from "../../../llb/index.ts";
import type { ImageConfig } from "../image/image-config.ts";
import type { Answer, ImageAnswer } from "./lookup.ts";

/** The answer about an image. Throws `BuildError` "unresolved-image" for any other, in the words of BuildKit's resolver. */
export function imageAnswer(answer: Answer, reference: string): ImageAnswer {
  if (answer.kind === "image") return answer;
  const { message, cause } =
    answer.kind === "failed"
      ? { message: `failed to resolve source metadata for ${reference}: ${answer.message}`, cause: answer.cause }
      : { message: `ref mutated to non-image, ref: ${reference}`, cause: undefined };
  throw new BuildError("unresolved-image", message, { cause });
}

/** The platform that a config names, as it stands; undefined when it names none. */
export function imagePlatform(image: ImageConfig): Platform | undefined {
  return image.platform.architecture !== "" && image.platform.os !== "" ? image.platform : undefined;
}
