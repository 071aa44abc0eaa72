// Completes a root file system whose packages were unpacked but not configured, since its programs can't run here: takes
// what configuring leaves in /etc and /root, which is the same for every processor, from one that was configured.
import { createReadStream } from "node:fs";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, pack } from "tar-stream";

/** A tar of the layer at `file` (gzip) reduced to its configuration; an unreadable layer fails the iteration. */
export function configurationOf(file: string): AsyncIterable<Uint8Array> {
  const kept = pack();
  const entries = extract();
  entries.on("entry", (header, content, next) => {
    const link = header.type === "symlink" ? (header.linkname ?? "") : "";
    if (isConfiguration(header.name.replace(/^\.?\//, ""), link)) {
      content.pipe(kept.entry(header, (error) => next(error ?? undefined)));
    } else {
      content.once("end", next);
      content.resume();
    }
  });
  const out = new PassThrough();
  kept.pipe(out);
  pipeline(createReadStream(file), createGunzip(), entries).then(
    () => kept.finalize(),
    (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return out;
}

/** The dynamic linker's cache and directories differ by processor; alternatives are links from everywhere into /etc. */
function isConfiguration(path: string, link: string): boolean {
  if (/^etc\/ld\.so\.(cache$|conf\.d\/)/.test(path)) return false;
  return path.startsWith("etc/") || path.startsWith("root/") || link.startsWith("/etc/alternatives/");
}
