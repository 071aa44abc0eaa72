/**
 * HighwayHash with 256 bits of result, the portable definition: github.com/google/highwayhash, c/highwayhash.c. Sixty-four
 * bit words are pairs of halves here: BigInt would be some two hundred times slower.
 */

/** What dazzle hashes with: gitpod-io/dazzle v0.1.17: pkg/dazzle/build.go (`hashKey`). */
const dazzleKey = Uint8Array.from(
  Buffer.from("0340f3c8947cad7875140f4c4af7c62b43131dc2a8c7fc4628f0685e369a3b0b", "hex"),
);

const PACKET_BYTES = 32;

/** Where the four words of each part of the state begin; a word is its low half, then its high half. */
const V0 = 0;
const V1 = 8;
const MUL0 = 16;
const MUL1 = 24;

const INITIAL_MUL0 = [0xfe4cce2f, 0xdbe6d5d5, 0x299f31d0, 0xa4093822, 0x03707344, 0x13198a2e, 0x85a308d3, 0x243f6a88];
const INITIAL_MUL1 = [0xcb0ef593, 0x3bd39e10, 0xb5f18a8c, 0xc0acf169, 0x34e90c6c, 0xbe5466cf, 0x38d01377, 0x452821e6];

/** A hash under way: `update` takes pieces in order, `digest` ends it. */
export interface HighwayHash {
  update(bytes: Uint8Array): void;
  /** 64 hexadecimal digits. Nothing may be added afterwards. */
  digest(): string;
}

/** `key` has 32 bytes. Default: dazzle's. */
export function highwayHash(key: Uint8Array = dazzleKey): HighwayHash {
  const state = initialState(key);
  const rest = new Uint8Array(PACKET_BYTES);
  let restBytes = 0;
  return {
    update: (bytes) => {
      let at = 0;
      if (restBytes > 0) {
        at = Math.min(PACKET_BYTES - restBytes, bytes.length);
        rest.set(bytes.subarray(0, at), restBytes);
        restBytes += at;
        if (restBytes < PACKET_BYTES) return;
        addPacket(state, rest, 0);
        restBytes = 0;
      }
      for (; at + PACKET_BYTES <= bytes.length; at += PACKET_BYTES) addPacket(state, bytes, at);
      rest.set(bytes.subarray(at));
      restBytes = bytes.length - at;
    },
    digest: () => {
      if (restBytes > 0) addRest(state, rest.subarray(0, restBytes));
      for (let round = 0; round < 10; round++) permuteAndAdd(state);
      return Buffer.concat([reduced(state, 0), reduced(state, 4)]).toString("hex");
    },
  };
}

/** The hash of one piece, in 64 hexadecimal digits. */
export function highwayHashOf(bytes: Uint8Array): string {
  const hash = highwayHash();
  hash.update(bytes);
  return hash.digest();
}

function initialState(key: Uint8Array): Int32Array {
  const state = new Int32Array(32);
  const words = new DataView(key.buffer, key.byteOffset, key.byteLength);
  for (let half = 0; half < 8; half++) {
    const mul0 = INITIAL_MUL0[half] ?? 0;
    const mul1 = INITIAL_MUL1[half] ?? 0;
    state[MUL0 + half] = mul0;
    state[MUL1 + half] = mul1;
    state[V0 + half] = mul0 ^ words.getUint32(half * 4, true);
    state[V1 + half] = mul1 ^ words.getUint32((half ^ 1) * 4, true);
  }
  return state;
}

const packet = new Int32Array(8);

function addPacket(state: Int32Array, bytes: Uint8Array, at: number): void {
  for (let half = 0, byte = at; half < 8; half++, byte += 4) {
    packet[half] = at4(bytes, byte);
  }
  addHalves(state, packet);
}

function at4(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** `Update` of the definition; `halves` is a packet. All indexes are within the arrays, so what is read is a number. */
function addHalves(s: Int32Array, halves: Int32Array): void {
  for (let lane = 0; lane < 8; lane += 2) {
    const mul0Low = s[MUL0 + lane] as number;
    const mul0High = s[MUL0 + lane + 1] as number;
    // v1 += mul0 + packet
    const sumLow = (mul0Low >>> 0) + ((halves[lane] as number) >>> 0);
    const sumHigh = (mul0High + (halves[lane + 1] as number) + (sumLow > 0xffffffff ? 1 : 0)) | 0;
    const v1LowWide = ((s[V1 + lane] as number) >>> 0) + ((sumLow | 0) >>> 0);
    const v1Low = v1LowWide | 0;
    const v1High = ((s[V1 + lane + 1] as number) + sumHigh + (v1LowWide > 0xffffffff ? 1 : 0)) | 0;
    s[V1 + lane] = v1Low;
    s[V1 + lane + 1] = v1High;
    const v0LowOld = s[V0 + lane] as number;
    const v0HighOld = s[V0 + lane + 1] as number;
    // mul0 ^= low(v1) * high(v0)
    s[MUL0 + lane] = mul0Low ^ Math.imul(v1Low, v0HighOld);
    s[MUL0 + lane + 1] = mul0High ^ highOfProduct(v1Low, v0HighOld);
    // v0 += mul1
    const mul1Low = s[MUL1 + lane] as number;
    const mul1High = s[MUL1 + lane + 1] as number;
    const v0LowWide = (v0LowOld >>> 0) + (mul1Low >>> 0);
    const v0Low = v0LowWide | 0;
    s[V0 + lane] = v0Low;
    s[V0 + lane + 1] = (v0HighOld + mul1High + (v0LowWide > 0xffffffff ? 1 : 0)) | 0;
    // mul1 ^= low(v0) * high(v1)
    s[MUL1 + lane] = mul1Low ^ Math.imul(v0Low, v1High);
    s[MUL1 + lane + 1] = mul1High ^ highOfProduct(v0Low, v1High);
  }
  zipperMergeAndAdd(s, V1, V0);
  zipperMergeAndAdd(s, V1 + 4, V0 + 4);
  zipperMergeAndAdd(s, V0, V1);
  zipperMergeAndAdd(s, V0 + 4, V1 + 4);
}

/** The upper half of the product of two unsigned halves. */
function highOfProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(other / 65536)) | 0;
}

/** Adds the shuffled bytes of two words at `from` to the two words at `to`. */
function zipperMergeAndAdd(s: Int32Array, from: number, to: number): void {
  const aLow = s[from] as number;
  const aHigh = s[from + 1] as number;
  const bLow = s[from + 2] as number;
  const bHigh = s[from + 3] as number;
  const low0 = (aLow >>> 24) | ((bHigh & 0xff) << 8) | (aLow & 0xff0000) | ((aHigh & 0xff00) << 16);
  const high0 = ((bHigh >>> 16) & 0xff) | (aLow & 0xff00) | ((bHigh >>> 8) & 0xff0000) | (aLow << 24);
  const low1 = (bLow >>> 24) | ((aHigh & 0xff) << 8) | (bLow & 0xff0000) | ((bHigh & 0xff00) << 16);
  const high1 = ((bLow >>> 8) & 0xff) | ((aHigh >>> 8) & 0xff00) | ((bLow & 0xff) << 16) | (aHigh & -0x1000000);
  addWord(s, to, low0, high0);
  addWord(s, to + 2, low1, high1);
}

function addWord(s: Int32Array, at: number, low: number, high: number): void {
  const wide = ((s[at] as number) >>> 0) + (low >>> 0);
  s[at] = wide | 0;
  s[at + 1] = ((s[at + 1] as number) + high + (wide > 0xffffffff ? 1 : 0)) | 0;
}

/** What is left of the input, 1 to 31 bytes. */
function addRest(s: Int32Array, rest: Uint8Array): void {
  const size = rest.length;
  for (let lane = 0; lane < 8; lane += 2) {
    addWord(s, V0 + lane, size, size);
    s[V1 + lane] = rotatedHalf(s[V1 + lane] as number, size);
    s[V1 + lane + 1] = rotatedHalf(s[V1 + lane + 1] as number, size);
  }
  const whole = size & ~3;
  const odd = size & 3;
  const filled = new Uint8Array(PACKET_BYTES);
  filled.set(rest.subarray(0, whole));
  if ((size & 16) !== 0) {
    filled.set(rest.subarray(size - 4), 28);
  } else if (odd !== 0) {
    filled[16] = rest[whole] ?? 0;
    filled[17] = rest[whole + (odd >> 1)] ?? 0;
    filled[18] = rest[whole + odd - 1] ?? 0;
  }
  addPacket(s, filled, 0);
}

function rotatedHalf(half: number, count: number): number {
  return (half << count) | (half >>> (32 - count));
}

/** Words 2, 3, 0, 1 of v0, each with its halves exchanged, as a packet. */
function permuteAndAdd(s: Int32Array): void {
  const permuted = new Int32Array(8);
  for (let half = 0; half < 8; half++) permuted[half] = s[V0 + (((half + 4) & 7) ^ 1)] as number;
  addHalves(s, permuted);
}

/** Two of the four words of the result, made of the words from half `lane` on. */
function reduced(s: Int32Array, lane: number): Buffer {
  const word = (offset: number): bigint => BigInt(s[offset] as number) & 0xffffffffn;
  const sum = (v: number, mul: number, index: number): bigint => {
    const a = word(v + lane + index * 2) | (word(v + lane + index * 2 + 1) << 32n);
    const b = word(mul + lane + index * 2) | (word(mul + lane + index * 2 + 1) << 32n);
    return BigInt.asUintN(64, a + b);
  };
  const a3 = sum(V1, MUL1, 1) & 0x3fffffffffffffffn;
  const a2 = sum(V1, MUL1, 0);
  const out = Buffer.alloc(16);
  const low = sum(V0, MUL0, 0) ^ (a2 << 1n) ^ (a2 << 2n);
  const high = sum(V0, MUL0, 1) ^ ((a3 << 1n) | (a2 >> 63n)) ^ ((a3 << 2n) | (a2 >> 62n));
  out.writeBigUInt64LE(BigInt.asUintN(64, low), 0);
  out.writeBigUInt64LE(BigInt.asUintN(64, high), 8);
  return out;
}
