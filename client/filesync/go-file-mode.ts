/**
 * File modes on the file-sync wire are Go's os.FileMode, not the kernel's st_mode: the permission bits agree, the
 * type and the setuid, setgid and sticky bits sit elsewhere.
 * Contract: Go's io/fs FileMode constants, as tonistiigi/fsutil puts them into Stat.mode.
 */

export const GO_DIRECTORY = 0x8000_0000;
export const GO_SYMLINK = 0x0800_0000;
export const GO_DEVICE = 0x0400_0000;
export const GO_FIFO = 0x0200_0000;
const GO_SOCKET = 0x0100_0000;
const GO_SETUID = 0x0080_0000;
const GO_SETGID = 0x0040_0000;
export const GO_CHARACTER_DEVICE = 0x0020_0000;
const GO_STICKY = 0x0010_0000;
const GO_IRREGULAR = 0x0008_0000;

/** Every bit that makes an entry something other than a regular file (Go's ModeType). */
const GO_TYPE = GO_DIRECTORY | GO_SYMLINK | GO_FIFO | GO_SOCKET | GO_DEVICE | GO_CHARACTER_DEVICE | GO_IRREGULAR;

/** True where the receiver may ask for content. Both ends must agree on this rule, or file ids go apart. */
export function isRegular(goMode: number): boolean {
  return (goMode & GO_TYPE) === 0;
}

/** `permissions` are st_mode's low twelve bits (0o7777); the result is unsigned. */
export function toGoMode(typeBits: number, permissions: number): number {
  let mode = typeBits | (permissions & 0o777);
  if (permissions & 0o4000) mode |= GO_SETUID;
  if (permissions & 0o2000) mode |= GO_SETGID;
  if (permissions & 0o1000) mode |= GO_STICKY;
  return mode >>> 0;
}

/** The low twelve bits that chmod takes. */
export function toPermissions(goMode: number): number {
  let permissions = goMode & 0o777;
  if (goMode & GO_SETUID) permissions |= 0o4000;
  if (goMode & GO_SETGID) permissions |= 0o2000;
  if (goMode & GO_STICKY) permissions |= 0o1000;
  return permissions;
}
