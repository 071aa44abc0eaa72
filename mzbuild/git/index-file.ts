/**
 * git's index as a file, for where there is no git: which paths are tracked. Versions 2 to 4, SHA-1 repositories.
 * Contract: git v2.39: Documentation/gitformat-index.txt.
 */
/**
 * The tracked paths, unsorted, submodules and merge conflicts included; undefined for a file that isn't such an index, or
 * of which another one holds a part (split and sparse indexes): then nobody knows what is tracked.
 */
export function trackedPaths(bytes: Uint8Array): ReadonlySet<string> | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES + SHA1_BYTES || view.getUint32(0) !== SIGNATURE) return undefined;
  const version = view.getUint32(4);
  if (version < 2 || version > 4) return undefined;
  try {
    const { paths, end } = readEntries(view, bytes, version);
    return hasOnlyOptionalExtensions(view, end) ? new Set(paths) : undefined;
  } catch (error) {
    // An entry that goes beyond the end: cut off, or of a repository with longer object ids.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const SIGNATURE = 0x44495243;
const HEADER_BYTES = 12;
const SHA1_BYTES = 20;
/** Times, device, inode, mode, owner and size. */
const STAT_BYTES = 40;
const EXTENDED = 0x4000;

function readEntries(
  view: DataView,
  bytes: Uint8Array,
  version: number,
): { readonly paths: readonly string[]; readonly end: number } {
  const decoder = new TextDecoder();
  const paths: string[] = [];
  let at = HEADER_BYTES;
  let previous: Uint8Array = new Uint8Array();
  for (let left = view.getUint32(8); left > 0; left--) {
    const start = at;
    at += STAT_BYTES + SHA1_BYTES;
    at += view.getUint16(at) & EXTENDED ? 4 : 2;
    let kept = 0;
    if (version === 4) {
      const strip = readVariableLength(view, at);
      kept = previous.length - strip.value;
      at = strip.end;
    }
    const end = bytes.indexOf(0, at);
    if (end < 0 || kept < 0) throw new RangeError("an entry without an end");
    const path: Uint8Array = Buffer.concat([previous.subarray(0, kept), bytes.subarray(at, end)]);
    paths.push(decoder.decode(path));
    previous = path;
    // Up to version 3 entries are filled up with 1 to 8 NULs to a multiple of 8 bytes.
    at = version === 4 ? end + 1 : start + ((end - start + 8) & ~7);
  }
  return { paths, end: at };
}

/** As in git's pack files: seven bits a byte, the most significant first, each continuation adding one. */
function readVariableLength(view: DataView, start: number): { readonly value: number; readonly end: number } {
  let at = start;
  let byte = view.getUint8(at++);
  let value = byte & 0x7f;
  while (byte & 0x80) {
    byte = view.getUint8(at++);
    value = (value + 1) * 128 + (byte & 0x7f);
  }
  return { value, end: at };
}

/** An extension whose name begins with a capital may be ignored; others change what the entries mean. */
function hasOnlyOptionalExtensions(view: DataView, start: number): boolean {
  for (let at = start; at + 8 <= view.byteLength - SHA1_BYTES; at += 8 + view.getUint32(at + 4)) {
    const first = view.getUint8(at);
    if (first < 0x41 || first > 0x5a) return false;
  }
  return true;
}
