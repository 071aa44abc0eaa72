/** Contents of objects, all from one `git cat-file --batch`. */
import { BuildError } from "../../llb/index.ts";
import { type GitOptions, runGit } from "./run-git.ts";

/** One content an object id, in order. A partial clone fetches what it lacks. Throws `BuildError` "git-failed". */
export async function readBlobs(ids: readonly string[], options: GitOptions): Promise<readonly Uint8Array[]> {
  if (ids.length === 0) return [];
  const output = await runGit(["cat-file", "--batch"], { ...options, stdin: `${ids.join("\n")}\n` });
  const contents: Uint8Array[] = [];
  let offset = 0;
  for (const id of ids) {
    const headerEnd = output.indexOf(LINE_FEED, offset);
    const header = Buffer.from(output.subarray(offset, headerEnd)).toString("latin1").split(" ");
    const sizeBytes = Number(header[2]);
    if (header[1] !== "blob" || !Number.isInteger(sizeBytes)) {
      throw new BuildError("git-failed", `git has no object ${id} (${header.slice(1).join(" ")})`);
    }
    contents.push(output.subarray(headerEnd + 1, headerEnd + 1 + sizeBytes));
    offset = headerEnd + 1 + sizeBytes + 1;
  }
  return contents;
}

const LINE_FEED = 0x0a;
