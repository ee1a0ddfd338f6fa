interface Entry {
  /** Where its bytes are kept. */
  readonly page: Buffer;
  readonly start: number;
  readonly length: number;
  readonly text: string;
  readonly next: Entry | undefined;
  /** How many stand in the chain, this one included. */
  readonly depth: number;
}

/** Bytes; longer texts are decoded each time: a forged name of megabytes must not stay in memory. */
const longestKept = 256;
/** So many texts of one hash are kept: names can be made to collide, and each look-up walks past them all. */
const longestChain = 8;
/** Copies share pages of so many bytes: a Buffer for each of 10,000 names costs more than decoding them. */
const pageSize = 65_536;

/**
 * Byte strings that come again in every answer (statistics field names, domain names, UUIDs), decoded once
 * and then found by their bytes. Saves most of the cost of decoding a bulk answer: no UTF-8 decoding, no
 * garbage, and the string's hash is already known to the maps it is looked up in. One table for one kind of
 * text: the bytes alone must decide what they mean.
 */
export class Interner {
  readonly #decode: (bytes: Buffer, start: number, end: number) => string;
  readonly #capacity: number;
  readonly #buckets = new Map<number, Entry>();
  #size = 0;
  #page = Buffer.alloc(0);
  #used = 0;

  /** @param capacity entries kept: a peer that sends ever new names empties the table, not the memory */
  constructor(decode: (bytes: Buffer, start: number, end: number) => string, capacity = 65_536) {
    this.#decode = decode;
    this.#capacity = capacity;
  }

  /** The text of the bytes from `start` to `end`. */
  text(bytes: Buffer, start: number, end: number): string {
    if (end - start > longestKept) return this.#decode(bytes, start, end);
    const hash = hashOf(bytes, start, end);
    for (let entry = this.#buckets.get(hash); entry !== undefined; entry = entry.next) {
      if (sameBytes(entry, bytes, start, end)) return entry.text;
    }
    const text = this.#decode(bytes, start, end);
    const next = this.#buckets.get(hash);
    if (next !== undefined && next.depth >= longestChain) return text;
    if (this.#size >= this.#capacity) {
      this.#buckets.clear();
      this.#size = 0;
    }
    const kept = this.#keep(bytes, start, end);
    this.#buckets.set(hash, {
      page: this.#page,
      start: kept,
      length: end - start,
      text,
      next: this.#buckets.get(hash),
      depth: (next?.depth ?? 0) + 1,
    });
    this.#size += 1;
    return text;
  }

  /** Copies the bytes to the newest page; where they begin there. */
  #keep(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (this.#used + length > this.#page.length) {
      // Small tables, such as those of field names, stay small.
      this.#page = Buffer.allocUnsafeSlow(this.#size < 64 ? 4096 : pageSize);
      this.#used = 0;
    }
    const at = this.#used;
    for (let i = 0; i < length; i += 1) this.#page[at + i] = bytes[start + i] as number;
    this.#used += length;
    return at;
  }
}

/** FNV-1a. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i += 1) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash;
}

function sameBytes(known: Entry, bytes: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  const { page, start: from, length } = known;
  for (let i = 0; i < length; i += 1) if (page[from + i] !== bytes[start + i]) return false;
  return true;
}
