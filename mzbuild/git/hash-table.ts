/**
 * Hashes of files beside what `stat` said of them, in a few typed arrays: a large repository has 100,000 files and more, and an object
 * for each would take most of the memory, and of the time.
 */

/** What `stat` says of a file that becomes different when its content does. */
export interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

/** Everything in a table. Of each entry {@link NUMBERS} numbers, the first a hash of its path, and {@link SHA1_BYTES} bytes. */
export interface HashColumns {
  readonly numbers: Float64Array;
  readonly sums: Buffer;
}

export const NUMBERS = 5;
export const SHA1_BYTES = 20;

/**
 * An entry a path. Paths are told apart by a hash of 53 bits; should two have the same, they take each other's entry away, which
 * costs time only: an entry is found where its file's inode and dates are the same, too.
 */
export class HashTable {
  #numbers: Float64Array;
  #sums: Buffer;
  #count: number;
  /** Numbers of entries, from 1, at their hash or at the next place that was free; 0 is a free place. */
  #places = new Int32Array();

  /** The columns of another table become this one's. */
  constructor({ numbers, sums }: HashColumns = { numbers: new Float64Array(), sums: Buffer.alloc(0) }) {
    this.#numbers = numbers;
    this.#sums = sums;
    this.#count = numbers.length / NUMBERS;
    this.#placeAll();
  }

  get columns(): HashColumns {
    return {
      numbers: this.#numbers.subarray(0, this.#count * NUMBERS),
      sums: this.#sums.subarray(0, this.#count * SHA1_BYTES),
    };
  }

  /** The hash of the path's content in hexadecimal, if it was of this state. */
  get(path: string, { size, mtimeMs, ctimeMs, ino }: FileState): string | undefined {
    const entry = this.#places[this.#placeOf(hashOf(path))] ?? 0;
    const at = (entry - 1) * NUMBERS;
    const numbers = this.#numbers;
    // The change time alone would do, but for file systems that have none.
    if (numbers[at + 3] !== ctimeMs || numbers[at + 2] !== mtimeMs) return undefined;
    if (numbers[at + 1] !== size || numbers[at + 4] !== ino) return undefined;
    return this.#sums.toString("hex", (entry - 1) * SHA1_BYTES, entry * SHA1_BYTES);
  }

  set(path: string, { size, mtimeMs, ctimeMs, ino }: FileState, sha1: string): void {
    const key = hashOf(path);
    const entry = this.#entryFor(key);
    this.#numbers.set([key, size, mtimeMs, ctimeMs, ino], entry * NUMBERS);
    this.#sums.write(sha1, entry * SHA1_BYTES, "hex");
  }

  /** Says whether there was an entry. */
  delete(path: string): boolean {
    const entry = this.#places[this.#placeOf(hashOf(path))] ?? 0;
    const state = this.#numbers.subarray(Math.max(0, entry - 1) * NUMBERS + 1, entry * NUMBERS);
    if (state.every(Number.isNaN)) return false;
    // It keeps its place, but no state is equal to it.
    state.fill(Number.NaN);
    return true;
  }

  #entryFor(key: number): number {
    const place = this.#placeOf(key);
    const known = this.#places[place] ?? 0;
    if (known !== 0) return known - 1;
    if (this.#count * NUMBERS === this.#numbers.length) this.#grow();
    const entry = this.#count++;
    this.#numbers[entry * NUMBERS] = key;
    if (this.#count * 2 > this.#places.length) this.#placeAll();
    else this.#places[place] = entry + 1;
    return entry;
  }

  #grow(): void {
    const capacity = Math.max(1024, this.#count * 2);
    const numbers = new Float64Array(capacity * NUMBERS);
    const sums = Buffer.alloc(capacity * SHA1_BYTES);
    numbers.set(this.#numbers);
    sums.set(this.#sums);
    this.#numbers = numbers;
    this.#sums = sums;
  }

  #placeAll(): void {
    const half = 2 ** Math.ceil(Math.log2(Math.max(1024, this.#count)));
    this.#places = new Int32Array(half * 2);
    for (let entry = 0; entry < this.#count; entry++) {
      this.#places[this.#placeOf(this.#numbers[entry * NUMBERS] ?? 0)] = entry + 1;
    }
  }

  /** Where the entry of this hash is, or would be. */
  #placeOf(key: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    let place = (key | 0) & mask;
    for (let entry = places[place]; entry !== undefined && entry !== 0; entry = places[place]) {
      if (this.#numbers[(entry - 1) * NUMBERS] === key) break;
      place = (place + 1) & mask;
    }
    return place;
  }
}

/** 53 bits: two multiplicative hashes side by side, mixed into each other at the end. */
function hashOf(path: string): number {
  let high = 0x2545f491;
  let low = 0x9e3779b1;
  for (let index = 0; index < path.length; index++) {
    const unit = path.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    low = Math.imul(low ^ unit, 0xc2b2ae35);
  }
  high = Math.imul(high ^ (high >>> 16), 0x27d4eb2f) ^ Math.imul(low ^ (low >>> 15), 0x165667b1);
  low = Math.imul(low ^ (low >>> 16), 0x27d4eb2f) ^ Math.imul(high ^ (high >>> 15), 0x165667b1);
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
