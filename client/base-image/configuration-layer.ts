/**
 * Completes a root file system whose packages were unpacked but not configured, since its programs can't run here: takes
 * what configuring leaves in /etc and /root, which is the same for every processor, from one that was configured.
 */
import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { extract, type Header, pack } from "tar-stream";

/** A tar of the layer at `file` (gzip) reduced to its configuration, some hundreds of kilobytes. */
export async function configurationOf(file: string): Promise<Uint8Array> {
  const kept = pack();
  const content = buffer(kept);
  const entries = extract();
  const selecting = (async () => {
    for await (const entry of entries) {
      if (isConfiguration(entry.header)) kept.entry(entry.header, await buffer(entry));
      else entry.resume();
    }
  })();
  const layer = createReadStream(file).on("error", (error) => entries.destroy(error));
  const tar = createGunzip().on("error", (error) => entries.destroy(error));
  layer.pipe(tar).pipe(entries);
  await selecting;
  kept.finalize();
  return content;
}

/** The dynamic linker's cache and directories differ by processor; alternatives are links from everywhere into /etc. */
function isConfiguration({ name, type, linkname }: Header): boolean {
  const path = name.replace(/^\.?\//, "");
  if (/^etc\/ld\.so\.(cache$|conf\.d\/)/.test(path)) return false;
  const alternative = type === "symlink" && linkname?.startsWith("/etc/alternatives/") === true;
  return alternative || path.startsWith("etc/") || path.startsWith("root/");
}
