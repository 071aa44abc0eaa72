/** A file that the Dockerfile has the content of, alone in a tree of its own. */
import { newVertex, type Output } from "../../../llb/index.ts";
import { encodeText } from "../text/bytes.ts";

export function inlineDocument(path: string, mode: number, text: string): Output {
  const action = {
    kind: "mkfile",
    input: { kind: "scratch" },
    path,
    mode,
    data: encodeText(text),
    owner: undefined,
    timestamp: undefined,
  } as const;
  const vertex = newVertex({ kind: "file", base: undefined, actions: [action] }, undefined, {
    name: "[internal] preparing inline document",
  });
  return { vertex, index: 0 };
}
