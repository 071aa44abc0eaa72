/**
 * The first process of a container that runs an image. As on a machine, the first one gets no signal that it has no handler
 * for: `sleep` would be deaf to Ctrl-C. So it does nothing but wait, the image's own command is run beside it, and what
 * that one leaves behind is reaped by the kernel (SIGCHLD is ignored). It is what docker's `--init` is for.
 *
 * No image can be trusted to have such a program, so it is made here: an ELF file of one segment, for Linux. The code
 * calls rt_sigaction(SIGCHLD, {SIG_IGN}, 0, 8), then pause() again and again (ppoll without a timeout on aarch64).
 */
import type { Architecture } from "../../mzbuild/index.ts";

interface Machine {
  /** e_machine of ELF. */
  readonly elf: number;
  /** Machine code, hexadecimal. */
  readonly code: string;
}

const MACHINES = {
  x86_64: {
    elf: 62,
    code: [
      "6a00 6a00 6a00 6a01", // push 0 (mask), 0 (restorer), 0 (flags), 1 (SIG_IGN)
      "bf11000000 4889e6 31d2 41ba08000000", // edi = 17 (SIGCHLD); rsi = rsp; edx = 0; r10d = 8
      "b80d000000 0f05", // syscall 13, rt_sigaction
      "b822000000 0f05", // syscall 34, pause
      "ebf7", // back to the pause
    ].join(""),
  },
  // Words of four bytes, the lowest byte first.
  aarch64: {
    elf: 183,
    code: [
      "ff8300d1 290080d2 e97f00a9 ff7f01a9", // sp -= 32; the same structure there: 1, 0, 0, 0
      "200280d2 e1030091 020080d2 030180d2", // x0 = 17; x1 = sp; x2 = 0; x3 = 8
      "c81080d2 010000d4", // syscall 134, rt_sigaction
      "000080d2 010080d2 020080d2 030080d2", // x0 to x3 = 0
      "280980d2 010000d4", // syscall 73, ppoll
      "faffff17", // back to x0 = 0
    ].join(""),
  },
} as const satisfies Record<Architecture, Machine>;

const HEADER_SIZE = 64;
const SEGMENT_SIZE = 56;
const ADDRESS = 0x400000n;

/** The bytes of the program. */
export function initProgram(architecture: Architecture): Uint8Array {
  const { elf, code } = MACHINES[architecture];
  const text = Buffer.from(code.replaceAll(" ", ""), "hex");
  const start = HEADER_SIZE + SEGMENT_SIZE;
  const size = BigInt(start + text.length);
  const head = Buffer.alloc(start);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // ELF, 64 bits, lowest byte first, version 1
  head.writeUInt16LE(2, 16); // an executable
  head.writeUInt16LE(elf, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(ADDRESS + BigInt(start), 24); // where it begins
  head.writeBigUInt64LE(BigInt(HEADER_SIZE), 32); // where its segments are listed
  head.writeUInt16LE(HEADER_SIZE, 52);
  head.writeUInt16LE(SEGMENT_SIZE, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(1, HEADER_SIZE); // to be loaded
  head.writeUInt32LE(5, HEADER_SIZE + 4); // readable, executable
  head.writeBigUInt64LE(ADDRESS, HEADER_SIZE + 16);
  head.writeBigUInt64LE(ADDRESS, HEADER_SIZE + 24);
  head.writeBigUInt64LE(size, HEADER_SIZE + 32);
  head.writeBigUInt64LE(size, HEADER_SIZE + 40);
  head.writeBigUInt64LE(0x1000n, HEADER_SIZE + 48);
  return Buffer.concat([head, text]);
}
